import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { waitFor } from '../testing/patience.ts';
import type { BusMessage, EventPublisher, EventStream } from './eventBus.ts';

export interface EventBusUnderTest {
  publisher(): EventPublisher;
  /** Another process's stream. */
  stream(): EventStream;
  close(): Promise<void>;
}

export interface Listener {
  stream: EventStream;
  messages: BusMessage[];
  resets(): number;
}

export const notice = (deskId: string, payload: string): BusMessage => ({
  type: 'notice',
  deskId,
  channel: 'pnl',
  payload,
});

/** Listens, and waits until it is connected. */
export async function listenTo(stream: EventStream): Promise<Listener> {
  const messages: BusMessage[] = [];
  let resets = 0;
  stream.listen(
    (message) => messages.push(message),
    () => {
      resets += 1;
    },
  );
  await waitFor(() => expect(resets).toBeGreaterThan(0));
  return { stream, messages, resets: () => resets };
}

/** What every pair of EventPublisher and EventStream does. */
export function eventBusContract(name: string, open: () => Promise<EventBusUnderTest>): void {
  describe(`event bus contract: ${name}`, () => {
    let under: EventBusUnderTest;
    beforeAll(async () => {
      under = await open();
    });
    afterAll(() => under.close());

    test('[BUS-1] messages of a desk arrive in the order published, each once', async () => {
      const publisher = under.publisher();
      const { stream, messages } = await listenTo(under.stream());
      await stream.follow('order');
      const sent = Array.from({ length: 500 }, (_, index) => notice('order', `{"n":${index},"t":"Ä漢"}`));
      for (const [index, message] of sent.entries()) {
        publisher.publish(message);
        // Many turns of the event loop, and several messages in each.
        if (index % 50 === 0) await new Promise(setImmediate);
      }
      await waitFor(() => expect(messages).toHaveLength(sent.length));
      expect(messages).toEqual(sent);
      await stream.close();
    });

    test('[BUS-2] a stream hears only of the desks it follows, and stops hearing of one it leaves', async () => {
      const publisher = under.publisher();
      const mine = await listenTo(under.stream());
      const theirs = await listenTo(under.stream());
      await mine.stream.follow('mine');
      await mine.stream.follow('left');
      await theirs.stream.follow('theirs');
      await mine.stream.unfollow('left');
      for (const deskId of ['left', 'nobody', 'theirs', 'mine']) publisher.publish(notice(deskId, '{}'));
      await waitFor(() => expect([mine.messages.length, theirs.messages.length]).toEqual([1, 1]));
      expect(mine.messages).toEqual([notice('mine', '{}')]);
      expect(theirs.messages).toEqual([notice('theirs', '{}')]);
      await Promise.all([mine.stream.close(), theirs.stream.close()]);
    });

    test('[BUS-3] heads and revocations reach every stream', async () => {
      const publisher = under.publisher();
      const listeners = [await listenTo(under.stream()), await listenTo(under.stream())];
      const common: BusMessage[] = [
        { type: 'heads', epoch: 'e', heads: { a: 1, b: 2 } },
        { type: 'revoked', userId: 'u', deviceId: null, sessionId: 's' },
      ];
      for (const message of common) publisher.publish(message);
      for (const { messages } of listeners) {
        await waitFor(() => expect(messages).toHaveLength(2));
        expect(messages).toEqual(common);
      }
      await Promise.all(listeners.map(({ stream }) => stream.close()));
    });

    test('[BUS-4] a closed stream hears nothing more', async () => {
      const publisher = under.publisher();
      const closed = await listenTo(under.stream());
      const open = await listenTo(under.stream());
      await closed.stream.close();
      publisher.publish({ type: 'heads', epoch: 'e', heads: {} });
      await waitFor(() => expect(open.messages).toHaveLength(1));
      expect(closed.messages).toEqual([]);
      await open.stream.close();
    });
  });
}
