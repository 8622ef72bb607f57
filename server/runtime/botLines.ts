import type { BotLogLine } from '../../shared/protocol/serverMessage.ts';
import type { Clock } from '../ports/clock.ts';
import type { EventPublisher } from '../ports/eventBus.ts';
import { addLogLine } from './deskRecord.ts';
import type { Engine } from './engine.ts';
import { notice } from './notice.ts';

/** Lines of bots' logs: kept for who looks later, pushed to who looks now. */
export class BotLines {
  readonly #engine: Engine;
  readonly #publisher: EventPublisher;
  readonly #clock: Clock;

  constructor(options: { engine: Engine; publisher: EventPublisher; clock: Clock }) {
    this.#engine = options.engine;
    this.#publisher = options.publisher;
    this.#clock = options.clock;
  }

  say(deskId: string, botId: string, code: string, text: string): void {
    const record = this.#engine.record(deskId);
    if (record === undefined) return;
    const line: BotLogLine = { ts: this.#clock.now(), botId, code, text };
    addLogLine(record, line);
    this.#publisher.publish(notice(deskId, { ch: `log:${botId}`, kind: 'line', ts: line.ts, data: line }));
  }
}
