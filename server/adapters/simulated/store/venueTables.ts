/** Creates what is missing of the venue's tables. Run by the one process that holds the venue's lock. */
export function venueTables(schema: string): string {
  return `
    CREATE SCHEMA IF NOT EXISTS ${schema};
    CREATE TABLE IF NOT EXISTS ${schema}.market (
      id int PRIMARY KEY CHECK (id = 1),
      owner text NOT NULL,
      path_id text,
      anchor text NOT NULL DEFAULT '{}',
      played_to bigint NOT NULL DEFAULT 0
    );
    CREATE TABLE IF NOT EXISTS ${schema}.accounts (
      account_id text PRIMARY KEY,
      number int NOT NULL UNIQUE,
      state text NOT NULL
    );
    ALTER TABLE ${schema}.accounts ADD COLUMN IF NOT EXISTS has_open boolean GENERATED ALWAYS AS (
      state::jsonb->'orders' <> '[]'::jsonb OR state::jsonb->'positions' <> '{}'::jsonb
    ) STORED;
    CREATE INDEX IF NOT EXISTS accounts_open ON ${schema}.accounts (number) WHERE has_open;
    CREATE TABLE IF NOT EXISTS ${schema}.fills (
      account_id text NOT NULL,
      cursor int NOT NULL,
      body text NOT NULL,
      PRIMARY KEY (account_id, cursor)
    );
    CREATE TABLE IF NOT EXISTS ${schema}.bills (
      account_id text NOT NULL,
      cursor int NOT NULL,
      body text NOT NULL,
      PRIMARY KEY (account_id, cursor)
    );
    CREATE TABLE IF NOT EXISTS ${schema}.orders (
      account_id text NOT NULL,
      venue_order_id text NOT NULL,
      client_order_id text,
      symbol text NOT NULL,
      ts bigint NOT NULL,
      body text NOT NULL,
      PRIMARY KEY (account_id, venue_order_id)
    );
    CREATE INDEX IF NOT EXISTS orders_client ON ${schema}.orders (account_id, client_order_id);
    CREATE INDEX IF NOT EXISTS orders_ts ON ${schema}.orders (account_id, ts);
  `;
}
