import { randomBytes, randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { bundleProgram } from '../testing/bundleProgram.ts';
import { cleanupsAfterEach } from '../testing/cleanups.ts';
import { DatabaseLink } from '../testing/e2e/databaseLink.ts';
import { eventually } from '../testing/e2e/eventually.ts';
import { passableDataDir } from '../testing/e2e/passableDataDir.ts';
import { PlantedText } from '../testing/e2e/plantedText.ts';
import { Program } from '../testing/e2e/program.ts';
import { say } from '../testing/e2e/say.ts';
import { withSql } from '../testing/e2e/storedDesk.ts';
import { TappedLine } from '../testing/e2e/tappedLine.ts';
import { testDatabase } from '../testing/postgres.ts';
import { TestRedis } from '../testing/redis.ts';
import { portToKeep } from '../testing/sockets.ts';
import { type ConnectOptions, WireClient, type WireReply } from '../testing/wireClient.ts';

const cleanups = cleanupsAfterEach();

const planted: PlantedText[] = [];
/** Keys that nobody else has ever seen. `does`: what the venue of exchangeServer.ts does with them. */
function plant(does = ''): { apiKey: string; secret: string; passphrase: string } {
  const random = () => randomBytes(12).toString('hex');
  const parts = {
    apiKey: `bg_${random()}`,
    secret: `${random()}+/=`,
    passphrase: `${random()} ${does}"Ω`.trim(),
  };
  planted.push(...Object.values(parts).map((part) => new PlantedText(part)));
  return parts;
}

/** As many lines as Program keeps: with fewer, all are there. */
const KEPT_LINES = 5_000;

/** A server with an exchange, on lines that are listened to. */
class World {
  readonly clients: WireClient[] = [];
  readonly lines: string[] = [];
  readonly #env: Record<string, string>;
  #program: Program | undefined;

  private constructor(
    readonly port: number,
    readonly dataDir: string,
    readonly link: DatabaseLink,
    readonly taps: { redis: TappedLine; postgres: TappedLine },
    env: Record<string, string>,
    readonly bundle: string,
  ) {
    this.#env = env;
  }

  static async open(databaseUrl: string, note: string): Promise<World> {
    const redis = await TestRedis.start();
    cleanups.push(() => redis.kill());
    const link = await DatabaseLink.start(databaseUrl);
    cleanups.push(() => link.stop());
    const taps = {
      redis: await TappedLine.start(Number(new URL(redis.url).port)),
      postgres: await TappedLine.start(Number(new URL(link.url).port)),
    };
    for (const tap of Object.values(taps)) cleanups.push(() => tap.stop());
    const dataDir = passableDataDir();
    cleanups.push(() => rmSync(dataDir, { recursive: true, force: true }));
    mkdirSync(join(dataDir, 'reports'));
    const url = new URL(link.url);
    url.port = String(taps.postgres.port);
    const reports = ['uncaught-exception', 'on-fatalerror', 'on-signal'].map((when) => `--report-${when}`);
    const port = await portToKeep();
    const env = {
      ...{ HOST: '127.0.0.1', PORT: String(port), LOG_LEVEL: 'trace', FILLWIRE_DATA_DIR: dataDir },
      ...{ DATABASE_URL: url.href, REDIS_URL: `redis://127.0.0.1:${taps.redis.port}`, PLANTED_NOTE: note },
      NODE_OPTIONS: [...reports, `--report-directory=${join(dataDir, 'reports')}`].join(' '),
    };
    const world = new World(port, dataDir, link, taps, env, await bundleProgram('exchangeServer'));
    cleanups.push(() => world.end('SIGKILL'));
    return world;
  }

  get program(): Program {
    if (this.#program === undefined) throw new Error('the server is not running');
    return this.#program;
  }

  async start(env: Record<string, string> = {}): Promise<void> {
    this.#program = Program.of(this.bundle, { ...this.#env, ...env });
    await this.#program.line('Fillwire is ready');
  }

  /** Ends it by a signal, or waits until it has ended by itself; its lines are kept. */
  async end(signal: NodeJS.Signals | null): Promise<void> {
    const program = this.#program;
    if (program === undefined) return;
    this.#program = undefined;
    if (signal !== null) await program.kill(signal);
    await program.ended();
    expect(program.lines.length).toBeLessThan(KEPT_LINES);
    this.lines.push(...program.lines);
  }

  async person(name: string): Promise<{ token: string; wire: WireClient; accountId: string }> {
    const answer = await fetch(`http://127.0.0.1:${this.port}/auth/register`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ email: `${name}-${randomUUID()}@example.com`, password: randomUUID() }),
    });
    const { access_token: token } = (await answer.json()) as { access_token: string };
    const { wire, accountId } = await this.connect(token);
    return { token, wire, accountId };
  }

  /** One more device, on all channels of its user. */
  async connect(
    token: string,
    options: ConnectOptions = {},
  ): Promise<{ wire: WireClient; accountId: string }> {
    const wire = await new WireClient(this.port, options).opened();
    this.clients.push(wire);
    cleanups.push(() => wire.ws.terminate());
    await wire.authenticate(token);
    const joined = await wire.request('subscribe', { channels: ['desk', 'pnl', 'devices'] });
    if (!joined.ok) throw new Error(joined.error.message);
    const { snapshot } = joined.result.desk as { snapshot: { accounts: object } };
    return { wire, accountId: Object.keys(snapshot.accounts)[0] ?? '' };
  }
}

const set = (
  wire: WireClient,
  accountId: string,
  parts: ReturnType<typeof plant>,
  commandId: string = randomUUID(),
) => wire.request('accounts.setKeys', { accountId, ...parts }, { commandId });
const codeOf = (reply: WireReply): string => (reply.ok ? 'ok' : reply.error.code);
const tested = async (wire: WireClient, accountId: string): Promise<unknown> => {
  const reply = await wire.request('accounts.test', { accountId });
  return reply.ok ? (reply.result.rows as { code: string }[]).map(({ code }) => code) : reply.error.code;
};

/** What clients send by mistake, and worse: each with keys in it. Every frame of them is answered. */
async function oddFrames(world: World, token: string, accountId: string): Promise<void> {
  const { wire } = await world.connect(token, { lawful: false });
  const args = () => ({ accountId, ...plant() });
  const frame = (args: object, rest: object = {}) =>
    JSON.stringify({ id: randomUUID(), op: 'accounts.setKeys', args, commandId: randomUUID(), ...rest });
  const frames = [
    frame({ ...args(), secret: [plant().secret] }),
    frame({ ...args(), secret: { [plant().secret]: plant().secret } }),
    frame({ ...args(), [plant().secret]: 1 }),
    frame({ ...args(), [plant().secret]: '\0' }),
    frame({ ...args(), apiKey: plant().apiKey.repeat(40) }),
    frame({ ...args(), passphrase: `${plant().passphrase}\u0007` }),
    frame({ ...args(), passphrase: `${plant().passphrase}\0` }),
    frame({ ...args(), accountId: 'nobody' }),
    frame(args(), { commandId: [plant().secret] }),
    frame(args(), { expectedVersion: 3 }),
    frame(args(), { validUntil: plant().secret }),
    frame(args(), { [plant().secret]: plant().secret }),
    frame(args(), { commandId: undefined }),
    frame(args(), { op: 'accounts.setKey' }),
    frame(args(), { op: 'accounts.test', commandId: undefined }),
    frame(args(), { op: 'accounts.removeKeys' }),
    frame(args()).slice(0, -9),
    Buffer.from(frame(args())),
    frame({ ...args(), secret: plant().secret.repeat(4_000) }),
  ];
  for (const [index, odd] of frames.entries()) {
    const before = wire.received.length;
    // Malformed ones are counted, and close a socket that sends many.
    wire.ws.send(odd);
    await wire.until(() => wire.received.slice(before).some((text) => text.includes('"ok":')));
    expect(wire.closeCode, `frame ${index}`).toBeNull();
  }
}

/** Every row of every table, as text; what is binary as hex. */
function dump(databaseUrl: string): Promise<string> {
  return withSql(databaseUrl, async (sql) => {
    const tables = await sql<{ name: string }[]>`
      select format('%I.%I', schemaname, tablename) as name from pg_tables
      where schemaname not in ('pg_catalog', 'information_schema')`;
    const texts: string[] = [];
    for (const { name } of tables) {
      const rows = await sql.unsafe(`select t::text as row from ${name} t`);
      texts.push(`${name}\n${rows.map(({ row }) => String(row)).join('\n')}`);
    }
    return texts.join('\n');
  });
}

const filesOf = (folder: string): Buffer =>
  Buffer.concat(
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .map((name) => join(folder, name))
      .filter((path) => statSync(path).isFile())
      .map((path) => readFileSync(path)),
  );

it('[KEY-10] keys are found in nothing but the requests that set them, whatever happens meanwhile', async () => {
  const database = await testDatabase('empty');
  cleanups.push(() => database.drop());
  const [note, name] = [
    new PlantedText(`note-${randomUUID()}`),
    new PlantedText(`n-${randomUUID()}`.slice(0, 38)),
  ];
  const world = await World.open(database.url, note.text);
  await world.start();
  const ada = await world.person('ada');
  const eve = await world.person('eve');
  const { accountId } = ada;
  let { wire } = ada;
  const again = async (env: Record<string, string> = {}): Promise<void> => {
    await world.start(env);
    ({ wire } = await world.connect(ada.token));
  };

  // It works, and every device is told.
  const phone = (await world.connect(ada.token)).wire;
  const first = plant();
  expect(await set(wire, accountId, first)).toMatchObject({ ok: true });
  const tail = `"tail":"${first.apiKey.slice(-4)}"`;
  for (const device of [wire, phone])
    await device.until(() => device.received.some((text) => text.includes(tail)));
  expect(await tested(wire, accountId)).toEqual(['can_trade']);
  expect(
    codeOf(
      await wire.request('accounts.update', { accountId, name: name.text }, { commandId: randomUUID() }),
    ),
  ).toBe('ok');

  // It does not.
  await oddFrames(world, ada.token, accountId);
  for (const id of [accountId, 'nobody']) expect(codeOf(await set(eve.wire, id, plant()))).toBe('not_found');
  const commandId = randomUUID();
  expect(codeOf(await set(wire, accountId, plant(), commandId))).toBe('ok');
  expect(codeOf(await set(wire, accountId, plant(), commandId))).toBe('command_id_reused');
  expect(codeOf(await wire.request('accounts.removeKeys', { accountId }, { commandId: randomUUID() }))).toBe(
    'ok',
  );
  expect(await tested(wire, accountId)).toEqual(['no_keys']);
  expect(codeOf(await set(wire, accountId, plant('throws')))).toBe('ok');
  expect(await tested(wire, accountId)).toBe('internal');

  // The database is away, in the middle of it too.
  const cut = Promise.all(Array.from({ length: 5 }, () => set(wire, accountId, plant())));
  world.link.refuse();
  await cut;
  await eventually(
    'nothing is taken',
    async () => codeOf(await set(wire, accountId, plant())) === 'unavailable',
  );
  await world.link.restore();
  await eventually('it is taken again', async () => codeOf(await set(wire, accountId, plant())) === 'ok');

  // It ends in the middle: killed, by an error that nobody caught, aborted.
  const reports = join(world.dataDir, 'reports');
  world.program.signal('SIGUSR2');
  await eventually('a report of the living', () => readdirSync(reports).length === 1);
  for (let time = 0; time < 5; time += 1) void set(wire, accountId, plant());
  await world.end('SIGKILL');
  await again();
  await eventually(
    'its keys are there',
    async () => (await tested(wire, accountId))?.toString() === 'can_trade',
  );
  expect(codeOf(await set(wire, accountId, plant('uncaught')))).toBe('ok');
  void tested(wire, accountId);
  await world.end(null);
  expect(readdirSync(reports).length).toBe(2);
  await again();
  expect(codeOf(await set(wire, accountId, plant()))).toBe('ok');
  expect(await tested(wire, accountId)).toEqual(['can_trade']);
  await world.end('SIGABRT');

  // Another encryption key: in local mode the one made by itself is a former one; without a former one it is told.
  const [second, third] = [randomBytes(32).toString('base64'), randomBytes(32).toString('base64')];
  await again({ ENCRYPTION_KEY: second });
  await world.program.line('keys of accounts are encrypted anew');
  expect(await tested(wire, accountId)).toEqual(['can_trade']);
  await world.end('SIGTERM');
  await again({ ENCRYPTION_KEY: third });
  await world.program.line('keys of accounts cannot be opened');
  expect(await tested(wire, accountId)).toEqual(['keys_unreadable']);
  await world.end('SIGTERM');
  await again({ ENCRYPTION_KEY: third, FORMER_ENCRYPTION_KEYS: second });
  expect(await tested(wire, accountId)).toEqual(['can_trade']);
  await eventually('the name is in a file', () => name.isIn(filesOf(world.dataDir)));
  await world.end('SIGTERM');

  const places: Record<string, Buffer> = {
    log: Buffer.from(world.lines.join('\n')),
    frames: Buffer.from(world.clients.flatMap(({ received }) => received).join('\n')),
    database: Buffer.from(await dump(database.url)),
    redis: Buffer.concat(world.taps.redis.heard),
    postgres: Buffer.concat(world.taps.postgres.heard),
    files: filesOf(world.dataDir),
    reports: filesOf(reports),
  };
  for (const [place, content] of Object.entries(places)) say(`${place}: ${content.length} bytes`);
  // What was planted elsewhere is found.
  for (const place of ['log', 'reports', 'files'])
    expect([place, note.isIn(places[place] ?? Buffer.alloc(0))]).toEqual([place, true]);
  for (const place of ['frames', 'database', 'redis', 'postgres', 'files'])
    expect([place, name.isIn(places[place] ?? Buffer.alloc(0))]).toEqual([place, true]);
  const found = Object.entries(places).flatMap(([place, content]) =>
    planted.filter((text) => text.isIn(content)).map(({ text }) => `${place}: ${text}`),
  );
  say(`${planted.length} parts of keys were sent`);
  expect(found).toEqual([]);
});

it('[KEY-10] the search knows a text in whatever way it is spelled', () => {
  const secret = new PlantedText('a"b+/ secret Ω key 123');
  const around = (text: string | Buffer) =>
    Buffer.concat([Buffer.from('xy'), Buffer.from(text), Buffer.from('zzz')]);
  const spelled = [
    around(secret.text),
    JSON.stringify({ secret: secret.text }),
    `?q=${encodeURIComponent(secret.text)}`,
    around(secret.text).toString('hex'),
    around(secret.text).toString('hex').toUpperCase(),
    ...[0, 1, 2].map((before) =>
      Buffer.concat([Buffer.alloc(before), around(secret.text)]).toString('base64'),
    ),
    ...[0, 1, 2].map((before) =>
      Buffer.concat([Buffer.alloc(before), around(secret.text)]).toString('base64url'),
    ),
  ];
  for (const text of spelled) expect([text, secret.isIn(text)]).toEqual([text, true]);
  expect(secret.isIn('another "b+/ secret')).toBe(false);
});
