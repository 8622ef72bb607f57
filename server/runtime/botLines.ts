import type { BotLogLine, BotNote } from '../../shared/domain/botNote.ts';
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

  say(deskId: string, botId: string, said: BotNote): void {
    const record = this.#engine.record(deskId);
    if (record === undefined) return;
    const line: BotLogLine = { ...said, botId, ts: this.#clock.now() };
    addLogLine(record, line);
    this.#publisher.publish(notice(deskId, { ch: `log:${botId}`, kind: 'line', ts: line.ts, data: line }));
  }
}
