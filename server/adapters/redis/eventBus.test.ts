import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventBusContract, listenTo, notice } from '../../ports/eventBus.contract.ts';
import { waitFor } from '../../testing/patience.ts';
import { RecordingLogger } from '../../testing/recordingLogger.ts';
import { TestRedis } from '../../testing/redis.ts';
import { requireOrSkip } from '../../testing/requireOrSkip.ts';
import { RedisEventPublisher } from './eventPublisher.ts';
import { RedisEventStream } from './eventStream.ts';
import { Seal } from './seal.ts';

const secret = 'of this deployment';

describe.skipIf(requireOrSkip('redis-server'))('Redis', () => {
  let redis: TestRedis;
  let logger: RecordingLogger;
  let opened: { close(): Promise<void> }[] = [];
  beforeAll(async () => {
    redis = await TestRedis.start();
    logger = new RecordingLogger();
  });
  afterAll(async () => {
    await closeAll();
    await redis.kill();
  });

  function keep<T extends { close(): Promise<void> }>(part: T): T {
    opened.push(part);
    return part;
  }
  async function closeAll(): Promise<void> {
    const parts = opened;
    opened = [];
    await Promise.all(parts.map((part) => part.close()));
  }
  const publisher = (prefix = 'fillwire') =>
    keep(new RedisEventPublisher({ url: redis.url, logger, secret, prefix }));
  const stream = (prefix = 'fillwire') =>
    keep(new RedisEventStream({ url: redis.url, logger, secret, prefix }));

  /** A publisher that has connected: the first message to arrive shows it. */
  async function connected(
    made: RedisEventPublisher,
    hear: { messages: unknown[] },
  ): Promise<RedisEventPublisher> {
    await waitFor(() => {
      if (hear.messages.length === 0) made.publish({ type: 'heads', epoch: 'probe', heads: {} });
      expect(hear.messages.length).toBeGreaterThan(0);
    });
    hear.messages.length = 0;
    return made;
  }

  let shared: RedisEventPublisher;
  eventBusContract('Redis', async () => {
    shared = await connected(publisher(), await listenTo(stream()));
    return { publisher: () => shared, stream, close: closeAll };
  });

  test('[BUS-5] everything of one turn goes out in one message per desk', async () => {
    const hear = await listenTo(stream('turn'));
    const out = await connected(publisher('turn'), hear);
    const raw = new Redis(redis.url);
    const payloads: string[] = [];
    raw.on('message', (_channel: string, payload: string) => payloads.push(payload));
    await raw.subscribe('turn:desk:a', 'turn:desk:b');
    for (let index = 0; index < 10; index += 1) {
      out.publish(notice('a', String(index)));
      out.publish(notice('b', String(index)));
    }
    await waitFor(() => expect(payloads).toHaveLength(2));
    for (const payload of payloads) expect(payload.split('"notice"')).toHaveLength(11);
    raw.disconnect();
  });

  test('[BUS-6] after a restart of Redis every stream is told, and hears again of what it follows', async () => {
    const hear = await listenTo(stream('restart'));
    const out = await connected(publisher('restart'), hear);
    await hear.stream.follow('desk');
    const resets = hear.resets();
    await redis.kill();
    await waitFor(() => expect(logger.has('Redis is gone')).toBe(true));
    await hear.stream.follow('later');
    await redis.start();
    await waitFor(() => expect(hear.resets()).toBe(resets + 1));
    await connected(out, hear);
    out.publish(notice('desk', '1'));
    out.publish(notice('later', '2'));
    await waitFor(() => expect(hear.messages).toHaveLength(2));
    expect(logger.has('Redis is back')).toBe(true);
  });

  test('[BUS-7] what is published while Redis is gone is dropped and counted, never sent late', async () => {
    const hear = await listenTo(stream('gone'));
    const out = await connected(publisher('gone'), hear);
    await hear.stream.follow('desk');
    const before = out.dropped;
    await redis.kill();
    await waitFor(() => {
      out.publish(notice('desk', 'lost'));
      expect(out.dropped).toBeGreaterThan(before);
    });
    const lost = out.dropped;
    for (let index = 0; index < 1_000; index += 1) out.publish(notice('desk', 'lost'));
    expect(out.dropped).toBeGreaterThanOrEqual(lost + 1_000);
    await redis.start();
    await waitFor(() => expect(hear.resets()).toBeGreaterThan(1));
    await waitFor(() => {
      out.publish(notice('desk', 'after'));
      expect(hear.messages).toContainEqual(notice('desk', 'after'));
    });
    expect(hear.messages).not.toContainEqual(notice('desk', 'lost'));
  });

  test('[BUS-11] a Redis that stands still is gone: that is known, nothing of that time is sent late, and streams are told', async () => {
    const hear = await listenTo(stream('still'));
    const out = await connected(publisher('still'), hear);
    await hear.stream.follow('desk');
    const resets = hear.resets();
    redis.signal('SIGSTOP');
    await waitFor(() => expect([out.isConnected, hear.stream.isConnected]).toEqual([false, false]));
    out.publish(notice('desk', 'lost'));
    redis.signal('SIGCONT');
    await waitFor(() => expect(hear.resets()).toBe(resets + 1));
    await waitFor(() => {
      out.publish(notice('desk', 'after'));
      expect(hear.messages).toContainEqual(notice('desk', 'after'));
    });
    expect(hear.messages).not.toContainEqual(notice('desk', 'lost'));
  });

  test('[BUS-8] a lost last message is noticed by the next heads', async () => {
    const hear = await listenTo(stream('heads'));
    const out = await connected(publisher('heads'), hear);
    await hear.stream.follow('desk');
    const raw = new Redis(redis.url);
    await raw.client('KILL', 'TYPE', 'PUBSUB');
    expect(await raw.publish('heads:desk:desk', JSON.stringify([notice('desk', 'seq 7')]))).toBe(0);
    raw.disconnect();
    await waitFor(() => expect(hear.resets()).toBe(2));
    out.publish({ type: 'heads', epoch: 'e', heads: { desk: 7 } });
    await waitFor(() => expect(hear.messages).toHaveLength(1));
    expect(hear.messages).toEqual([{ type: 'heads', epoch: 'e', heads: { desk: 7 } }]);
  });

  test('[BUS-9] what is not ours on a channel of ours is ignored', async () => {
    const hear = await listenTo(stream('foreign'));
    const out = await connected(publisher('foreign'), hear);
    const raw = new Redis(redis.url);
    const sealed: string[] = [];
    raw.on('message', (_channel: string, text: string) => sealed.push(text));
    await raw.subscribe('foreign:desk:a');
    out.publish(notice('a', 'sealed for the channel of a'));
    await waitFor(() => expect(sealed).toHaveLength(1));
    await hear.stream.follow('b');
    const stranger = new Redis(redis.url);
    const other = new Seal('of another deployment');
    const heads = JSON.stringify([{ type: 'heads', epoch: 'other', heads: {} }]);
    const odd = ['', 'not JSON', '[null]', '["x"]', heads, other.put('foreign:common', heads), ...sealed];
    for (const text of odd) {
      await stranger.publish('foreign:common', text);
      await stranger.publish('foreign:desk:b', text);
    }
    stranger.disconnect();
    out.publish({ type: 'heads', epoch: 'e', heads: {} });
    await waitFor(() => expect(hear.messages).toHaveLength(1));
    expect(hear.messages).toEqual([{ type: 'heads', epoch: 'e', heads: {} }]);
    expect(logger.has('not ours')).toBe(true);
    raw.disconnect();
  });

  test('[BUS-10] deployments with different prefixes do not hear each other', async () => {
    const one = await listenTo(stream('one'));
    const two = await listenTo(stream('two'));
    await connected(publisher('one'), one);
    const out = await connected(publisher('two'), two);
    await Promise.all([one.stream.follow('desk'), two.stream.follow('desk')]);
    out.publish(notice('desk', 'for two'));
    await waitFor(() => expect(two.messages).toHaveLength(1));
    expect(one.messages).toEqual([]);
  });
});
