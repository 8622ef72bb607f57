import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { OP_NAMES, type OpName, ops } from '../../shared/protocol/ops.ts';
import { VIEW_VERSION } from '../../shared/protocol/version.ts';
import { sampleBot } from '../testing/deskSamples.ts';
import { worldStarter } from '../testing/worldStarter.ts';

const start = worldStarter();

/** Every op that takes a name, and its arguments around one. */
const WITH_NAME: Partial<Record<OpName, (name: string) => Record<string, unknown>>> = {
  'accounts.create': (name) => ({ name, venue: 'sim' }),
  'accounts.update': (name) => ({ accountId: 'a', name }),
  'bots.create': (name) => ({
    ...{ name, accountId: 'a', symbol: 'BTCUSDT', interval: '1m' },
    ...{ strategy: 'momentum', allocationPct: '10' },
  }),
  'bots.update': (name) => ({ botId: 'b', name }),
  'bots.clone': (name) => ({ botId: 'b', name }),
};
const BAD: ReadonlyArray<readonly [kind: string, name: string, what: string]> = [
  ['NEL', 'a\u0085b', 'U+0085, a line break'],
  ['a line feed', 'a\nb', 'U+000A, a line break'],
  ['a line feed at the end', 'ab\n', 'U+000A, a line break'],
  ['a line separator', 'a\u2028b', 'U+2028, a line break'],
  ['a paragraph separator', 'a\u2029b', 'U+2029, a line break'],
  ['a tab', 'a\tb', 'U+0009, a control character'],
  ['escape', 'a\u001b[2Jb', 'U+001B, a control character'],
  ['C1', 'a\u009bb', 'U+009B, a control character'],
  ['delete', 'a\u007fb', 'U+007F, a control character'],
  ['LRM', 'a\u200eb', 'U+200E, a mark of direction'],
  ['RLM', 'a\u200fb', 'U+200F, a mark of direction'],
  ...['\u202a', '\u202b', '\u202c', '\u202d', '\u202e', '\u2066', '\u2067', '\u2068', '\u2069'].map(
    (mark) =>
      [
        'an override',
        `a${mark}b`,
        `U+${mark.codePointAt(0)?.toString(16).toUpperCase()}, a mark of direction`,
      ] as const,
  ),
  ['a space without width', 'a\u200bb', 'U+200B, an invisible character'],
  ['a filler', '\u3164', 'U+3164, an invisible character'],
];

describe('names that users give', () => {
  it('[NAME-1] are taken by these ops, and by no other', () => {
    const found = OP_NAMES.filter(
      (op) => ops[op].args instanceof z.ZodObject && 'name' in (ops[op].args as z.ZodObject).shape,
    );
    expect(found.sort()).toEqual(Object.keys(WITH_NAME).sort());
  });

  it.each(Object.keys(WITH_NAME) as OpName[])(
    '[NAME-1] %s: of characters that are seen, or refused with which one was not',
    async (op) => {
      const world = await start();
      const client = await world.session(await world.user());
      const ask = async (name: string, id: string) => {
        client.raw(JSON.stringify({ id, op, args: WITH_NAME[op]?.(name), commandId: `command-${id}` }));
        return client.reply(id);
      };
      for (const [index, [kind, name, what]] of BAD.entries()) {
        const reply = await ask(name, `bad-${index}`);
        const problem = `a name must not hold ${what}; allowed are letters, digits, punctuation, symbols, emoji and spaces`;
        const issue = { path: 'args.name', problem, allowed: [expect.stringContaining('letters')] };
        expect([kind, reply]).toMatchObject([
          kind,
          { error: { code: 'bad_request', details: { issues: [issue] } } },
        ]);
      }
      expect(await ask('\u200d', 'unseen')).toMatchObject({
        error: {
          details: { issues: [{ path: 'args.name', problem: expect.stringContaining('can be seen') }] },
        },
      });
      expect(world.desks.executed).toEqual([]);
      for (const [index, [name, kept]] of [
        ['  Grid 2 × ETH (long) ', 'Grid 2 × ETH (long)'],
        ['\u1112\u1161\u11ab글', '한글'],
        ['Cafe\u0301', 'Café'],
        ['👩‍👩‍👧 🏴󠁧󠁢󠁥󠁮󠁧󠁿 ✌️', '👩‍👩‍👧 🏴󠁧󠁢󠁥󠁮󠁧󠁿 ✌️'],
        ['می‌خواهم', 'می‌خواهم'],
      ].entries()) {
        await ask(name ?? '', `good-${index}`);
        expect(world.desks.executed.at(-1)?.args).toMatchObject({ name: kept });
      }
    },
  );

  it('[NAME-1] of devices, at the login and at the socket', async () => {
    const world = await start();
    const tokens = await world.user();
    for (const [index, [, name, what]] of BAD.entries()) {
      const device = { id: 'phone', name, kind: 'phone' };
      const client = await world.connect();
      client.raw(
        JSON.stringify({
          id: `d${index}`,
          op: 'session.authenticate',
          args: { token: tokens.accessToken, viewVersion: VIEW_VERSION, device },
        }),
      );
      expect(await client.reply(`d${index}`)).toMatchObject({
        error: {
          code: 'bad_request',
          details: { issues: [{ path: 'args.device.name', problem: expect.stringContaining(what) }] },
        },
      });
      client.ws.terminate();
    }
    for (const path of ['login', 'register']) {
      const response = await fetch(`http://127.0.0.1:${world.port}/auth/${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({
          email: 'ada@example.com',
          password: 'correct horse battery',
          device: { id: 'phone', name: 'my\u202ephone', kind: 'phone' },
        }),
      });
      expect(response.status).toBe(400);
      expect(await response.text()).toContain('a name must not hold U+202E');
    }
    expect((await world.session(tokens)).closeCode).toBeNull();
  });

  it('[NAME-2] that were stored before are told as they are', async () => {
    const world = await start();
    const tokens = await world.user();
    const name = 'old\u202e\n\ud800';
    world.desks.append(tokens.grant.userId, 'BotUpdated', { bot: sampleBot({ botId: 'old', name }) });
    const client = await world.session(tokens);
    const reply = await client.request('subscribe', { channels: ['desk'] });
    expect(JSON.stringify(reply)).toContain(JSON.stringify(name));
    expect(await client.request('bots.list', {})).toMatchObject({ result: { bots: [{ name }] } });
  });
});
