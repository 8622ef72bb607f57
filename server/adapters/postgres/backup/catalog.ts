import { literal, quoted, type SoleConnection } from './soleConnection.ts';

export interface TableContent {
  schema: string;
  name: string;
  /** Without generated ones, in order. */
  columns: string[];
}

/** Everything needed to make an equal database: statements before the rows, the rows, statements after them. */
export interface Structure {
  before: string[];
  tables: TableContent[];
  after: string[];
}

/** Schemas that are somebody's, hence ours to keep. */
export const USER_SCHEMA = `n.nspname <> 'information_schema' and n.nspname !~ '^pg_'`;

/**
 * Reads the structure of the whole database from its catalogs, whatever made it, and locks its tables against
 * changes of structure until the transaction ends.
 *
 * @throws Error naming what this backup could not carry, rather than leave it out.
 */
export async function readStructure(connection: SoleConnection): Promise<Structure> {
  await refuseUnknown(connection);
  const tables = await connection.query<TableRow[]>`
    select c.oid::int8::text as oid, n.nspname as schema, c.relname as name, array_to_string(c.reloptions, ', ') as options
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.relkind = 'r' and ${connection.query.unsafe(USER_SCHEMA)}
    order by 2, 3`;
  for (const table of tables) {
    await connection.run(`lock table ${quoted(table.schema, table.name)} in access share mode`);
  }
  const structure: Structure = { before: await schemas(connection), tables: [], after: [] };
  const sequences = await readSequences(connection);
  structure.before.push(...sequences.map((sequence) => sequence.create));
  for (const table of tables) {
    const columns = await readColumns(connection, table.oid);
    structure.before.push(createTable(table, columns));
    const stored = columns.filter((column) => !column.generated).map((column) => column.name);
    structure.tables.push({ schema: table.schema, name: table.name, columns: stored });
  }
  structure.before.push(...(await functions(connection)));
  structure.after.push(...sequences.flatMap((sequence) => sequence.finish));
  structure.after.push(...(await constraintsAndIndexes(connection)));
  return structure;
}

interface TableRow {
  oid: string;
  schema: string;
  name: string;
  options: string | null;
}

interface ColumnRow {
  name: string;
  definition: string;
  generated: boolean;
}

async function refuseUnknown(connection: SoleConnection): Promise<void> {
  const found = await connection.query<{ what: string }[]>`
    select case c.relkind when 'v' then 'the view ' when 'm' then 'the materialized view ' when 'p' then 'the partitioned table '
      when 'f' then 'the foreign table ' else 'the type ' end || n.nspname || '.' || c.relname as what
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.relkind in ('v', 'm', 'p', 'f', 'c') and ${connection.query.unsafe(USER_SCHEMA)}
    union all
    select 'the type ' || n.nspname || '.' || t.typname from pg_type t join pg_namespace n on n.oid = t.typnamespace
    where t.typtype in ('e', 'd', 'r') and ${connection.query.unsafe(USER_SCHEMA)}
    union all
    select 'the trigger ' || t.tgname from pg_trigger t where not t.tgisinternal
    union all
    select 'the extension ' || e.extname from pg_extension e where e.extname <> 'plpgsql'
    union all
    select 'the aggregate ' || n.nspname || '.' || p.proname from pg_proc p join pg_namespace n on n.oid = p.pronamespace
    where p.prokind in ('a', 'w') and ${connection.query.unsafe(USER_SCHEMA)}
    union all
    select 'the identity column ' || c.relname || '.' || a.attname from pg_attribute a join pg_class c on c.oid = a.attrelid
    join pg_namespace n on n.oid = c.relnamespace where a.attidentity <> '' and ${connection.query.unsafe(USER_SCHEMA)}`;
  if (found.length === 0) return;
  const list = found.map((row) => row.what).join(', ');
  throw new Error(`the database contains what this backup cannot carry: ${list}. Use pg_dump for it.`);
}

async function schemas(connection: SoleConnection): Promise<string[]> {
  const rows = await connection.query<{ name: string }[]>`
    select n.nspname as name from pg_namespace n
    where ${connection.query.unsafe(USER_SCHEMA)} and n.nspname <> 'public' order by 1`;
  return rows.map((row) => `create schema ${quoted(row.name)}`);
}

async function readSequences(connection: SoleConnection): Promise<{ create: string; finish: string[] }[]> {
  const rows = await connection.query<
    { schema: string; name: string; definition: string; last: string | null; owner: OwnerColumn | null }[]
  >`
    select s.schemaname as schema, s.sequencename as name, s.last_value::text as last,
      'as ' || s.data_type || ' increment by ' || s.increment_by || ' minvalue ' || s.min_value || ' maxvalue ' ||
        s.max_value || ' start with ' || s.start_value || ' cache ' || s.cache_size ||
        case when s.cycle then ' cycle' else '' end as definition,
      (select json_build_array(tn.nspname, t.relname, a.attname)
        from pg_depend d join pg_class t on t.oid = d.refobjid join pg_namespace tn on tn.oid = t.relnamespace
        join pg_attribute a on a.attrelid = t.oid and a.attnum = d.refobjsubid
        where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'a') as owner
    from pg_sequences s join pg_namespace n on n.nspname = s.schemaname
      join pg_class c on c.relnamespace = n.oid and c.relname = s.sequencename
    where ${connection.query.unsafe(USER_SCHEMA)} order by 1, 2`;
  return rows.map((row) => {
    const name = quoted(row.schema, row.name);
    const finish = row.last === null ? [] : [`select pg_catalog.setval(${literal(name)}, ${row.last})`];
    if (row.owner !== null) finish.push(`alter sequence ${name} owned by ${quoted(...row.owner)}`);
    return { create: `create sequence ${name} ${row.definition}`, finish };
  });
}

type OwnerColumn = [schema: string, table: string, column: string];

async function readColumns(connection: SoleConnection, tableOid: string): Promise<ColumnRow[]> {
  const rows = await connection.query<ColumnRow[]>`
    select a.attname as name, a.attgenerated <> '' as generated,
      format_type(a.atttypid, a.atttypmod) ||
        case when a.attcollation <> t.typcollation then
          (select ' collate ' || quote_ident(n.nspname) || '.' || quote_ident(l.collname)
            from pg_collation l join pg_namespace n on n.oid = l.collnamespace where l.oid = a.attcollation)
          else '' end ||
        case when a.attgenerated = 's' then ' generated always as (' || pg_get_expr(d.adbin, d.adrelid) || ') stored'
          when d.adbin is not null then ' default ' || pg_get_expr(d.adbin, d.adrelid) else '' end ||
        case when a.attnotnull then ' not null' else '' end as definition
    from pg_attribute a join pg_type t on t.oid = a.atttypid
      left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
    where a.attrelid = ${tableOid}::int8::oid and a.attnum > 0 and not a.attisdropped
    order by a.attnum`;
  return [...rows];
}

function createTable(table: TableRow, columns: ColumnRow[]): string {
  const list = columns.map((column) => `${quoted(column.name)} ${column.definition}`).join(', ');
  const options = table.options === null ? '' : ` with (${table.options})`;
  return `create table ${quoted(table.schema, table.name)} (${list})${options}`;
}

async function functions(connection: SoleConnection): Promise<string[]> {
  const rows = await connection.query<{ definition: string }[]>`
    select pg_get_functiondef(p.oid) as definition
    from pg_proc p join pg_namespace n on n.oid = p.pronamespace
    where p.prokind in ('f', 'p') and ${connection.query.unsafe(USER_SCHEMA)} order by n.nspname, p.proname, p.oid`;
  return rows.map((row) => row.definition);
}

/** After the rows: loading is faster without indexes, and foreign keys need all rows. */
async function constraintsAndIndexes(connection: SoleConnection): Promise<string[]> {
  const constraints = await connection.query<
    { schema: string; table: string; name: string; definition: string }[]
  >`
    select n.nspname as schema, c.relname as table, k.conname as name, pg_get_constraintdef(k.oid) as definition
    from pg_constraint k join pg_class c on c.oid = k.conrelid join pg_namespace n on n.oid = c.relnamespace
    where k.contype in ('p', 'u', 'c', 'x', 'f') and ${connection.query.unsafe(USER_SCHEMA)}
    order by k.contype = 'f', 1, 2, 3`;
  const indexes = await connection.query<{ definition: string }[]>`
    select pg_get_indexdef(i.indexrelid) as definition
    from pg_index i join pg_class c on c.oid = i.indrelid join pg_namespace n on n.oid = c.relnamespace
    where ${connection.query.unsafe(USER_SCHEMA)}
      and not exists (select from pg_constraint k where k.conindid = i.indexrelid and k.contype in ('p', 'u', 'x'))
    order by 1`;
  return [
    ...constraints.map(
      (row) =>
        `alter table ${quoted(row.schema, row.table)} add constraint ${quoted(row.name)} ${row.definition}`,
    ),
    ...indexes.map((row) => row.definition),
  ];
}
