import { expect, it } from 'vitest';
import { Addresses } from './addresses.ts';
import { InputTurns } from './inputTurns.ts';
import { GATEWAY_LIMITS } from './limits.ts';
import { Socket } from './socket.ts';

const FRAME_MS = 1;
/** Frames that may pass before somebody else's, for a turn of 4 ms and what timers are off by. */
const FAIR_SHARE = 20;

function busy(ms: number): void {
  const until = performance.now() + ms;
  while (performance.now() < until);
}

it('[MET-1] hundreds of frames of one read wait for their turns: somebody else’s comes soon, each connection’s in order', async () => {
  const addresses = new Addresses(GATEWAY_LIMITS);
  const handled: string[] = [];
  const turns = new InputTurns({
    limits: GATEWAY_LIMITS,
    handle: (_socket, message) => {
      handled.push(Buffer.from(message).toString());
      busy(FRAME_MS);
    },
  });
  const socket = () => new Socket(addresses.of('127.0.0.1', 0), 0);
  const give = (to: Socket, text: string) => turns.give(to, new Uint8Array(Buffer.from(text)).buffer, false);
  const [flooder, other, gone] = [socket(), socket(), socket()];
  for (let n = 0; n < 300; n += 1) give(flooder, `flood ${n}`);
  give(gone, 'gone');
  gone.gone();
  for (let n = 0; n < 3; n += 1) give(other, `other ${n}`);
  expect(handled.length).toBeLessThan(FAIR_SHARE);
  await expect.poll(() => handled.length).toBe(303);
  expect(handled.indexOf('other 2')).toBeLessThan(FAIR_SHARE);
  const floods = handled.filter((text) => text.startsWith('flood'));
  expect(floods).toEqual(floods.map((_text, n) => `flood ${n}`));
});
