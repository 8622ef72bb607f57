import postgres from 'postgres';
import { clientUrl } from '../clientUrl.ts';

/**
 * One connection for one long transaction. The driver would silently go on with a new connection, outside of the
 * transaction, when this one is lost: `query` throws instead.
 */
export class SoleConnection {
  readonly #sql: postgres.Sql;
  #lost = false;

  constructor(databaseUrl: string) {
    const { url, ...socket } = clientUrl(databaseUrl);
    this.#sql = postgres(url, {
      ...socket,
      max: 1,
      idle_timeout: 0,
      max_lifetime: null,
      fetch_types: false,
      prepare: false,
      onnotice: () => undefined,
      onclose: () => {
        this.#lost = true;
      },
      connection: {
        application_name: 'fillwire-backup',
        statement_timeout: 0,
        idle_in_transaction_session_timeout: 0,
      },
    });
  }

  /** The client, for exactly one statement: ask again for the next. */
  get query(): postgres.Sql {
    if (this.#lost) throw new Error('the connection to the database was lost');
    return this.#sql;
  }

  /** One or more statements without parameters. */
  async run(text: string): Promise<void> {
    await this.query.unsafe(text);
  }

  /** Ends what is not committed. */
  async close(): Promise<void> {
    await this.#sql.end({ timeout: 0 });
  }
}

/** An identifier as SQL writes it. */
export function quoted(...names: string[]): string {
  return names.map((name) => `"${name.replaceAll('"', '""')}"`).join('.');
}

export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
