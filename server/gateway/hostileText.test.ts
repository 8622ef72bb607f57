import { describe, expect, it } from 'vitest';
import { worldStarter } from '../testing/worldStarter.ts';

const start = worldStarter();
const UNFIT = [
  ['NUL', '\0', 'the character U+0000'],
  ['the first half of a pair', '\ud83d', 'half of a character'],
  ['the second half', '\ude00', 'half of a character'],
  ['halves in the wrong order', '\ude00\ud83d', 'half of a character'],
] as const;

describe('text that no field takes', () => {
  it.each(UNFIT)(
    '[MET-6] %s is bad_request wherever it stands, by name, and reaches nobody',
    async (_what, unfit, name) => {
      const world = await start();
      const client = await world.session(await world.user());
      const frames: Array<[frame: object, path: string]> = [
        [{ id: 'n1', op: 'ping', args: { [`a${unfit}`]: 1 } }, 'args.a'],
        [{ id: 'n2', op: 'bots.start', args: { botId: `x${unfit}` }, commandId: 'command-1' }, 'args.botId'],
        [{ id: 'n3', op: 'bots.stop', args: { botId: 'x' }, commandId: `command-${unfit}` }, 'commandId'],
        [
          { id: 'n4', op: 'bots.create', args: { params: { deep: [{ text: unfit }] } } },
          'args.params.deep.0.text',
        ],
        [{ id: 'n5', op: `ping${unfit}` }, 'op'],
        [{ id: 'n6', op: 'accounts.update', args: { name: `x${unfit}` } }, 'args.name'],
      ];
      for (const [frame, path] of frames) {
        client.raw(JSON.stringify(frame));
        const reply = await client.reply((frame as { id: string }).id);
        expect(reply).toMatchObject({
          ok: false,
          error: { code: 'bad_request', message: `${path}: must not hold ${name}` },
        });
      }
      expect(world.desks.executed).toEqual([]);
    },
  );

  it('[MET-6] what only looks like it is read', async () => {
    const world = await start();
    const client = await world.session(await world.user());
    for (const [id, botId] of [
      ['n1', '\\u0000'],
      ['n2', '\\ud83d'],
      ['n3', '😀'],
    ] as const) {
      // A pair may be written as two escapes.
      const text = JSON.stringify({ id, op: 'bots.stop', args: { botId }, commandId: `command-${id}` });
      client.raw(text.replace('😀', '\\ud83d\\ude00'));
      await client.reply(id);
      expect(world.desks.executed.at(-1)?.args).toEqual({ botId, positions: 'close' });
    }
  });

  it.each(UNFIT)('[MET-6] %s in a login or its device is bad_request', async (_what, unfit, name) => {
    const world = await start();
    const good = { email: 'ada@example.com', password: 'correct horse battery' };
    const device = { id: 'phone', name: 'phone', kind: 'phone' };
    for (const body of [
      { ...good, email: `ada${unfit}@example.com` },
      { ...good, password: `correct horse${unfit}` },
      { ...good, device: { ...device, id: `x${unfit}` } },
      { ...good, device: { ...device, name: `x${unfit}` } },
    ]) {
      const response = await fetch(`http://127.0.0.1:${world.port}/auth/register`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
      expect(response.status).toBe(400);
      expect(await response.text()).toContain(`must not hold ${name}`);
    }
    expect(world.logger.lines).toEqual([]);
  });

  it('[MET-7] an answer is bounded, whatever it is an answer to', async () => {
    const world = await start();
    const tokens = await world.user();
    const many = Object.fromEntries(Array.from({ length: 5_000 }, (_, n) => [`field${n}`, 1]));
    const long = { ['k'.repeat(50_000)]: 1 };
    const bad = { channels: Array.from({ length: 1_000 }, () => ({ ch: 5 })) };
    const frames = [many, long].flatMap((fields) => [
      { id: 'x', op: 'ping', ...fields },
      { id: 'x', op: 'ping', args: fields },
    ]);
    for (const authenticate of [false, true]) {
      const client = authenticate ? await world.session(tokens) : await world.connect();
      const before = client.received.length;
      const sent = [...frames, { id: 'x', op: 'subscribe', args: bad }, { id: 'x', op: 'x'.repeat(60_000) }];
      for (const frame of sent) client.raw(JSON.stringify(frame));
      await expect.poll(() => client.received.length - before).toBe(sent.length);
      for (const reply of client.received.slice(before)) expect(reply.length).toBeLessThan(8_192);
    }
  });
});
