import { describe, expect, it } from 'vitest';
import { worldStarter } from '../testing/worldStarter.ts';

const start = worldStarter();
const NUL = '\0';

describe('text that no field takes', () => {
  it('[MET-6] NUL is bad_request wherever it stands, by name, and reaches nobody', async () => {
    const world = await start();
    const client = await world.session(await world.user());
    const frames: Array<[frame: object, path: string]> = [
      [{ id: 'n1', op: 'ping', args: { [`a${NUL}`]: 1 } }, 'args.a'],
      [{ id: 'n2', op: 'bots.start', args: { botId: `x${NUL}` }, commandId: 'command-1' }, 'args.botId'],
      [{ id: 'n3', op: 'bots.stop', args: { botId: 'x' }, commandId: `command-${NUL}` }, 'commandId'],
      [
        { id: 'n4', op: 'bots.create', args: { params: { deep: [{ text: NUL }] } } },
        'args.params.deep.0.text',
      ],
      [{ id: 'n5', op: `ping${NUL}` }, 'op'],
    ];
    for (const [frame, path] of frames) {
      client.raw(JSON.stringify(frame));
      const reply = await client.reply((frame as { id: string }).id);
      expect(reply).toMatchObject({
        ok: false,
        error: { code: 'bad_request', message: `${path}: must not hold the character U+0000` },
      });
    }
    expect(world.desks.executed).toEqual([]);
    client.raw(JSON.stringify({ id: 'n6', op: 'candles.get', args: { symbol: '\\u0000' } }));
    expect(await client.reply('n6')).not.toMatchObject({
      error: { message: expect.stringContaining('U+0000') },
    });
  });

  it('[MET-6] NUL in a login or its device is bad_request', async () => {
    const world = await start();
    const good = { email: 'ada@example.com', password: 'correct horse battery' };
    const device = { id: 'phone', name: 'phone', kind: 'phone' };
    for (const body of [
      { ...good, email: `ada${NUL}@example.com` },
      { ...good, password: `correct horse${NUL}` },
      { ...good, device: { ...device, id: `x${NUL}` } },
      { ...good, device: { ...device, name: `x${NUL}` } },
    ]) {
      const response = await fetch(`http://127.0.0.1:${world.port}/auth/register`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
      expect(response.status).toBe(400);
      expect(await response.text()).toContain('must not hold the character U+0000');
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
