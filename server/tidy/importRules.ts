import { floorProblem } from './coreFloors.ts';
import type { ImportStatement, SourceFile } from './sourceFiles.ts';

/** What the files of a layer may import. Patterns match paths from the root, or package names. */
interface Layer {
  name: string;
  files: RegExp;
  /** Ours that may be imported. */
  ours: RegExp;
  /** Ours that may be imported for types only. */
  types?: RegExp;
  /** Packages that may be imported; undefined: any. */
  packages?: RegExp;
  because: string;
}

/** Tests and what only tests use: they may reach anywhere. */
const TEST_FILE =
  /\.(test|contract)\.ts$|Contract\.ts$|(^|\/)testing\/|^server\/(simulation|tidy|bench)\/|^client\/e2e\//;
/** Programs: they choose the parts, so they may name any of them. */
const ENTRY_FILE = /^server\/(main|compose\w*)\.ts$|^server\/tools\//;
const SIMULATION_TOOL = /^server\/tools\/simulate/;
/** Exchanges of our own, which adapters are tested against, and the tools that start them. */
const STAND_IN = /^server\/standIn\//;
const STAND_IN_TOOL = /^server\/tools\/\w*StandIn\.ts$/;

/** First match wins. */
const LAYERS: readonly Layer[] = [
  {
    name: 'shared/domain',
    files: /^shared\/domain\//,
    ours: /^shared\/domain\//,
    packages: /^(zod|big\.js)$/,
    because:
      'the domain stands alone: move what it needs into shared/domain, or the code that needs more out of it',
  },
  {
    name: 'shared/sdk',
    files: /^shared\/sdk\//,
    ours: /^shared\//,
    packages: /^(zod|ws|@noble\/hashes(\/.*)?)$/,
    because: 'clients build on shared alone, in browsers too',
  },
  {
    name: 'shared',
    files: /^shared\//,
    ours: /^shared\//,
    packages: /^(zod|@noble\/hashes(\/.*)?)$/,
    because: 'shared is what both sides compile: it knows neither server nor client, nor Node',
  },
  {
    name: 'strategies',
    files: /^server\/core\/strategy\//,
    ours: /^server\/core\/strategy\/|^shared\/domain\//,
    packages: /^(zod|trading-signals)$/,
    because: 'a strategy returns what it wants; orders, risk, protection and ledger are the core’s',
  },
  {
    name: 'server/core',
    files: /^server\/core\//,
    ours: /^(server\/core|shared\/domain)\//,
    // What a venue says comes in as it is; the port's types name it.
    types: /^server\/ports\/venue\.ts$/,
    // Of node:crypto the hash alone, a function of its argument: bans.ts.
    packages: /^(zod|node:crypto)$/,
    because: 'the core is pure: ask for it as an input, or return an effect and let server/runtime do it',
  },
  {
    name: 'server/ports',
    files: /^server\/ports\//,
    ours: /^(server\/ports|shared)\//,
    packages: /^(zod|@noble\/hashes(\/.*)?)$/,
    because: 'ports name what is needed, never who does it',
  },
  {
    name: 'server/runtime',
    files: /^server\/runtime\//,
    ours: /^(server\/runtime|server\/core|server\/ports|shared)\//,
    because: 'the runtime reaches the outside through server/ports; server/compose.ts hands it the adapters',
  },
  {
    name: 'server/gateway',
    files: /^server\/gateway\//,
    ours: /^(server\/gateway|server\/ports|shared)\//,
    because:
      'the gateway knows neither core, engine nor adapters: add what it needs to server/ports/deskGateway.ts',
  },
  {
    name: 'server/standIn',
    files: STAND_IN,
    // Of adapters the simulated venue's market and matching; never the adapter that is tested on it.
    ours: /^(server\/standIn|server\/ports|server\/adapters\/simulated|shared\/domain)\//,
    packages: /^(zod|ws|node:.*)$/,
    because: 'a stand-in judges an adapter, so it knows nothing of it',
  },
  {
    name: 'server/identity',
    files: /^server\/identity\//,
    ours: /^(server\/identity|server\/ports|shared)\//,
    because: 'identity knows neither core, engine nor adapters: add what it needs to server/ports',
  },
  {
    name: 'server/keys',
    files: /^server\/keys\//,
    ours: /^(server\/keys|server\/ports|shared)\//,
    packages: /^(zod|node:crypto)$/,
    because: 'whoever encrypts keys knows the port of their rows, and nobody who uses them',
  },
  {
    name: 'server/config',
    files: /^server\/config(\/|\.ts)/,
    ours: /^(server\/config(\/|\.ts)|shared\/domain\/)/,
    packages: /^(zod|node:.*)$/,
    because: 'the configuration is read before anything else exists',
  },
  {
    name: 'client views and components',
    files: /^client\/(views|components)\//,
    ours: /^client\/(?!connection\/)|^shared\/(?!sdk\/)/,
    types: /^(client\/connection|shared\/sdk)\//,
    because: 'views read stores; only client/connection and client/stores know the socket',
  },
  {
    name: 'client',
    files: /^client\//,
    ours: /^(client|shared)\//,
    packages: /^(svelte(\/.*)?|lightweight-charts|zod)$/,
    because: 'the client knows shared and libraries for display',
  },
];

/** Build configuration is not part of the client. */
const CONFIG_FILE = /(^|\/)[\w.-]+\.config\.(ts|js)$/;

function adapterProblem(file: string, { target, typeOnly }: ImportStatement): string | undefined {
  const own = /^server\/adapters\/([^/]+)/.exec(file)?.[1];
  const other = /^server\/adapters\/([^/]+)/.exec(target)?.[1];
  if (other !== undefined) {
    return other === own
      ? undefined
      : 'adapters never know each other: what they share belongs to server/ports or shared';
  }
  if (target.startsWith('server/core/')) {
    return typeOnly ? undefined : 'adapters take only types from the core: import type, or go through a port';
  }
  return /^(server\/ports|shared)\//.test(target)
    ? undefined
    : 'adapters know ports, shared and their vendor library';
}

/** Rules that hold for every file that is part of the product. */
function placeProblem(file: string, target: string): string | undefined {
  if (target === 'server/compose.ts' && !ENTRY_FILE.test(file)) {
    return 'only entry points compose the server: take the part as a parameter';
  }
  if (/(^|\/)testing\/|^server\/(tidy|bench)\//.test(target)) return 'production never imports test code';
  if (target.startsWith('server/simulation/') && !SIMULATION_TOOL.test(file))
    return 'production never imports the simulation';
  if (STAND_IN.test(target) && !STAND_IN.test(file) && !STAND_IN_TOOL.test(file))
    return 'production never imports a stand-in';
  if (
    target.startsWith('server/adapters/') &&
    !file.startsWith('server/adapters/') &&
    !STAND_IN.test(file) &&
    !ENTRY_FILE.test(file)
  ) {
    return 'only server/compose.ts and entry points name adapters: take the port as a parameter';
  }
  if (target.startsWith('client/') && !file.startsWith('client/')) return 'only the client knows the client';
  return undefined;
}

function layerProblem(file: string, statement: ImportStatement): string | undefined {
  if (file.startsWith('server/adapters/'))
    return statement.ours ? adapterProblem(file, statement) : undefined;
  const layer = LAYERS.find((candidate) => candidate.files.test(file));
  if (layer === undefined) return undefined;
  const allowed = statement.ours
    ? layer.ours.test(statement.target) ||
      (statement.typeOnly && layer.types?.test(statement.target) === true)
    : layer.packages === undefined || layer.packages.test(statement.target);
  return allowed ? undefined : `${layer.name}: ${layer.because}`;
}

/** Each import of `file` that its place does not allow, with what to do instead. */
export function importProblems(file: SourceFile): string[] {
  if (TEST_FILE.test(file.path) || CONFIG_FILE.test(file.path)) return [];
  return file.imports.flatMap((statement) => {
    const problem =
      (statement.ours ? placeProblem(file.path, statement.target) : undefined) ??
      layerProblem(file.path, statement) ??
      (statement.ours ? floorProblem(file.path, statement) : undefined);
    return problem === undefined ? [] : [`${file.path} imports ${statement.target}: ${problem}`];
  });
}

/** True for files that only tests, simulations and benches use. */
export const isTestFile = (path: string): boolean => TEST_FILE.test(path);
