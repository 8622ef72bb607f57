-- As before, but a trade is written anew when something of it was told late.
CREATE OR REPLACE FUNCTION append_batch(
  p_shard integer,
  p_token bigint,
  p_desk text[],
  p_expected bigint[],
  p_head bigint[],
  p_event_desk text[],
  p_event_seq bigint[],
  p_event_version integer[],
  p_event_kind text[],
  p_event_ts bigint[],
  p_event_body text[],
  p_commands json,
  p_snapshots json,
  p_orders json,
  p_fills json,
  p_trades json,
  p_bills json,
  p_equity json,
  p_accounts json,
  p_awake integer[]
) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  v_moved text[];
  v_conflict text;
BEGIN
  PERFORM 1 FROM lease WHERE shard = p_shard AND token = p_token FOR SHARE;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'shard % is not held with this token', p_shard USING ERRCODE = 'FW001';
  END IF;

  INSERT INTO desk (desk_id, shard, head)
    SELECT n.desk_id, p_shard, 0 FROM unnest(p_desk, p_expected) AS n(desk_id, expected) WHERE n.expected = 0
    ON CONFLICT (desk_id) DO NOTHING;
  WITH moved AS (
    UPDATE desk SET head = n.head, awake = n.awake = 1
      FROM unnest(p_desk, p_expected, p_head, p_awake) AS n(desk_id, expected, head, awake)
      WHERE desk.desk_id = n.desk_id AND desk.head = n.expected AND desk.shard = p_shard
      RETURNING desk.desk_id
  )
  SELECT array_agg(moved.desk_id) INTO v_moved FROM moved;
  IF coalesce(cardinality(v_moved), 0) <> cardinality(p_desk) THEN
    SELECT d INTO v_conflict FROM unnest(p_desk) AS d WHERE d <> ALL (coalesce(v_moved, '{}')) LIMIT 1;
    RAISE EXCEPTION 'a desk is not at the expected head' USING ERRCODE = 'FW002', DETAIL = coalesce(v_conflict, p_desk[1]);
  END IF;

  INSERT INTO event (desk_id, seq, version, kind, ts, body)
    SELECT * FROM unnest(p_event_desk, p_event_seq, p_event_version, p_event_kind, p_event_ts, p_event_body);

  IF p_commands IS NOT NULL THEN
    SELECT r."deskId" INTO v_conflict
      FROM (
        SELECT *, row_number() OVER (PARTITION BY "userId", "commandId") AS nth
          FROM json_to_recordset(p_commands) AS x("deskId" text, "userId" text, "commandId" text)
      ) AS r
      WHERE r.nth > 1
        OR EXISTS (SELECT FROM command_result c WHERE c.user_id = r."userId" AND c.command_id = r."commandId")
      LIMIT 1;
    IF FOUND THEN
      RAISE EXCEPTION 'a command id exists' USING ERRCODE = 'FW002', DETAIL = v_conflict;
    END IF;
    INSERT INTO command_result (user_id, command_id, args_hash, reply, created_at)
      SELECT * FROM json_to_recordset(p_commands)
        AS x("userId" text, "commandId" text, "argsHash" text, "reply" text, "createdAt" bigint);
  END IF;

  IF p_snapshots IS NOT NULL THEN
    INSERT INTO snapshot (desk_id, seq, version, state, view)
      SELECT * FROM json_to_recordset(p_snapshots)
        AS x("deskId" text, "seq" bigint, "version" integer, "state" text, "view" text)
      ON CONFLICT (desk_id) DO UPDATE
        SET seq = excluded.seq, version = excluded.version, state = excluded.state, view = excluded.view
        WHERE snapshot.seq <= excluded.seq;
  END IF;

  IF p_orders IS NOT NULL THEN
    INSERT INTO order_history (desk_id, id, account_id, bot_id, symbol, ts, body)
      SELECT * FROM json_to_recordset(p_orders)
        AS x("deskId" text, "id" text, "accountId" text, "botId" text, "symbol" text, "ts" bigint, "body" text)
      ON CONFLICT (desk_id, id) DO UPDATE SET body = excluded.body;
  END IF;

  IF p_fills IS NOT NULL THEN
    INSERT INTO fill_history (desk_id, account_id, id, bot_id, symbol, ts, body)
      SELECT * FROM json_to_recordset(p_fills)
        AS x("deskId" text, "accountId" text, "id" text, "botId" text, "symbol" text, "ts" bigint, "body" text)
      ON CONFLICT DO NOTHING;
  END IF;

  IF p_trades IS NOT NULL THEN
    INSERT INTO trade_history (desk_id, id, account_id, bot_id, symbol, ts, body)
      SELECT * FROM json_to_recordset(p_trades)
        AS x("deskId" text, "id" text, "accountId" text, "botId" text, "symbol" text, "ts" bigint, "body" text)
      ON CONFLICT (desk_id, id) DO UPDATE SET body = excluded.body;
  END IF;

  IF p_bills IS NOT NULL THEN
    INSERT INTO bill_history (desk_id, account_id, id, symbol, coin, kind, amount, ts)
      SELECT * FROM json_to_recordset(p_bills)
        AS x("deskId" text, "accountId" text, "id" text, "symbol" text, "coin" text, "kind" text, "amount" numeric, "ts" bigint)
      ON CONFLICT DO NOTHING;
  END IF;

  IF p_equity IS NOT NULL THEN
    INSERT INTO equity_history (desk_id, account_id, ts, market_ts, equity, balance)
      SELECT * FROM json_to_recordset(p_equity)
        AS x("deskId" text, "accountId" text, "ts" bigint, "marketTs" bigint, "equity" numeric, "balance" numeric)
      ON CONFLICT DO NOTHING;
  END IF;

  IF p_accounts IS NOT NULL THEN
    DELETE FROM account a USING json_to_recordset(p_accounts) AS x("deskId" text) WHERE a.desk_id = x."deskId";
    INSERT INTO account (account_id, desk_id, name, venue, book)
      SELECT y."accountId", x."deskId", y."name", y."venue", y."book"
        FROM json_to_recordset(p_accounts) AS x("deskId" text, "accounts" json),
          json_to_recordset(x."accounts") AS y("accountId" text, "name" text, "venue" text, "book" text);
  END IF;
END
$$;
