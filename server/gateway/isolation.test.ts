import { expect, it } from 'vitest';
import type { IssuedTokens } from '../ports/authenticator.ts';
import { sampleBot, sampleFill } from '../testing/deskSamples.ts';
import { sampleQuote } from '../testing/fakeMarketData.ts';
import type { WireClient } from '../testing/wireClient.ts';
import { worldStarter } from '../testing/worldStarter.ts';

const start = worldStarter();

/** A user whose every word holds a mark by which it is known in any byte stream. */
interface Marked {
  tokens: IssuedTokens;
  deskId: string;
  mark: string;
  client: WireClient;
}

it('[WS-25] two users on every channel: neither ever receives a byte about the other', async () => {
  const here = await start({ lawful: false });
  const marked = async (mark: string): Promise<Marked> => {
    const tokens = await here.user(mark);
    const deskId = tokens.grant.userId;
    here.desks.append(deskId, 'BotCreated', { bot: sampleBot({ botId: `${mark}-bot` }) });
    // The same bot id on both desks must not join them either.
    here.desks.append(deskId, 'BotCreated', {
      bot: sampleBot({ botId: 'shared-bot', name: `${mark}-shared` }),
    });
    here.desks.logLines.set(`${deskId}/shared-bot`, [
      { ts: 1, botId: 'shared-bot', code: 'strategy_unknown', figures: { strategy: `${mark}-line` } },
    ]);
    const client = await here.session(tokens, `${mark}-device`);
    return { tokens, deskId, mark, client };
  };
  const users = [await marked('ada'), await marked('bob')] as const;
  for (const { client, mark } of users) {
    const channels = [
      'desk',
      'pnl',
      'devices',
      `log:${mark}-bot`,
      'log:shared-bot',
      'markets:sim',
      'ticker:sim.BTCUSDT',
      'candles:sim.BTCUSDT.1m',
    ];
    expect(await client.request('subscribe', { channels })).toMatchObject({ ok: true, result: { channels } });
  }
  // Each tries for what is the other's, in every way there is.
  for (const [user, other] of [users, [users[1], users[0]]] as const) {
    const theirs = { accountId: `account-${other.deskId}` };
    const attempts = [
      await user.client.request('subscribe', { channels: [`log:${other.mark}-bot`] }),
      await user.client.request('account.get', theirs),
      await user.client.request('accounts.test', theirs),
      await user.client.request('orders.list', theirs),
      await user.client.request('positions.list', theirs),
      await user.client.request('limits.get', theirs),
      await user.client.request('bots.stop', { botId: `${other.mark}-bot` }, { commandId: 'stop-theirs' }),
      await user.client.request(
        'devices.revoke',
        { deviceId: `${other.mark}-device` },
        { commandId: 'revoke-theirs' },
      ),
    ];
    for (const reply of attempts) expect(reply).toMatchObject({ ok: false, error: { code: 'not_found' } });
    for (const op of [
      'bots.list',
      'accounts.list',
      'orders.list',
      'emergency.list',
      'devices.list',
      'history.fills',
    ] as const) {
      expect((await user.client.request(op, {})).ok).toBe(true);
    }
  }
  // The attempts named the other on purpose, and the refusals repeat what was asked; what counts begins here.
  for (const { client } of users) client.received.length = 0;
  for (let round = 0; round < 200; round += 1) {
    for (const { deskId, mark } of users) {
      here.desks.append(deskId, 'FillRecorded', { fill: sampleFill({ fillId: `${mark}-${round}` }) });
      for (const ch of ['pnl', 'log:shared-bot', `log:${mark}-bot`]) {
        const payload = JSON.stringify({ ch, kind: 'line', ts: round, data: `${mark}-${round}` });
        here.bus.publish({ type: 'notice', deskId, channel: ch, payload });
      }
    }
    here.market.quote(sampleQuote('BTCUSDT', round + 1));
    here.market.list([]);
    if (round % 10 === 0) await users[0].client.request('ping', {});
  }
  for (const { client, deskId, tokens } of users) {
    await client.until(() => client.of('desk').length >= 200);
    const since = { epoch: 'epoch-1', seq: 1 };
    const again = await here.session(tokens);
    await again.request('subscribe', { channels: ['desk', 'devices', 'pnl', 'log:shared-bot'], since });
    await again.request('devices.list', {});
    client.received.push(...again.received);
    expect(here.desks.head(deskId)).toBe(203);
  }
  for (const [user, other] of [users, [users[1], users[0]]] as const) {
    const bytes = user.client.received.join('\n');
    expect(bytes).toContain(`${user.mark}-199`);
    for (const secret of [other.mark, other.deskId, other.tokens.grant.sessionId])
      expect(bytes).not.toContain(secret);
  }
});
