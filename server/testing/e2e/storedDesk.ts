import postgres from 'postgres';
import { hashView } from '../../../shared/view/hashView.ts';
import { reduceView } from '../../../shared/view/reduceView.ts';
import { emptyView, type View } from '../../../shared/view/view.ts';
import type { DeskEvent } from '../../core/events.ts';
import type { StoredEvent } from '../../ports/deskLog.ts';
import { decodeEvent } from '../../runtime/storedEvents.ts';
import { toWire } from '../../runtime/toWire.ts';
import { eventually } from './eventually.ts';

/** A desk as its rows in PostgreSQL say it is. */
export interface StoredDesk {
  epoch: string;
  /** 1 … seq, each once. */
  seq: number;
  hash: string;
  view: View;
  events: DeskEvent[];
  rows: StoredEvent[];
}

/** Runs something with a connection of the test's own, past the product. */
export async function withSql<T>(databaseUrl: string, run: (sql: postgres.Sql) => Promise<T>): Promise<T> {
  const sql = postgres(databaseUrl, {
    max: 1,
    onnotice: () => undefined,
    types: { bigint: { to: 20, from: [20], serialize: String, parse: Number } },
  });
  try {
    return await run(sql);
  } finally {
    await sql.end();
  }
}

/** Folds a desk's whole log, read straight from its table. Throws on a gap or a repeat. */
export async function readStoredDesk(databaseUrl: string, deskId: string): Promise<StoredDesk> {
  const { rows, epoch } = await withSql(databaseUrl, async (sql) => {
    const [deployment] = await sql<{ epoch: string }[]>`select epoch from deployment`;
    const events = await sql<StoredEvent[]>`
      select desk_id as "deskId", seq, version, kind, ts, body from event where desk_id = ${deskId} order by seq`;
    return { rows: [...events], epoch: deployment?.epoch ?? '' };
  });
  const view = emptyView();
  const events: DeskEvent[] = [];
  for (const [index, row] of rows.entries()) {
    if (row.seq !== index + 1) throw new Error(`event ${row.seq} stands where ${index + 1} belongs`);
    const event = decodeEvent(row);
    events.push(event);
    reduceView(view, toWire(event, epoch, row.ts));
  }
  return { epoch, seq: rows.length, hash: hashView(epoch, rows.length, view), view, events, rows };
}

/** What a desk showed once its first `seq` events had happened. */
export function viewAt({ events, rows, epoch }: StoredDesk, seq: number): View {
  const view = emptyView();
  for (const [index, event] of events.slice(0, seq).entries())
    reduceView(view, toWire(event, epoch, rows[index]?.ts ?? 0));
  return view;
}

/** Whoever follows a desk: how far it is, and the hash of what it shows there. */
interface Follower {
  readonly position: { seq: number } | undefined;
  hash(): string;
}

/**
 * Waits until all of them show, at one moment, what the log says: an event may always be on its way, and a quiet desk has
 * one now and then too. Answers that log.
 */
export async function agreesWithLog(
  databaseUrl: string,
  deskId: string,
  ...followers: Follower[]
): Promise<StoredDesk> {
  return eventually('their hashes are that of the log', async () => {
    const stored = await readStoredDesk(databaseUrl, deskId);
    const isThere = followers.every((one) => one.position?.seq === stored.seq && one.hash() === stored.hash);
    return isThere ? stored : undefined;
  });
}
