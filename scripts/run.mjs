// node scripts/run.mjs TOOL [arguments]     runs server/tools/TOOL.ts or the bench
import { launch } from './launch.mjs';

/** Tools that start the whole server need the dashboard too. */
const WITH_CLIENT = new Set(['bench', 'main']);

const [name, ...args] = process.argv.slice(2);
if (name === undefined) {
  console.error('usage: node scripts/run.mjs TOOL [arguments]');
  process.exit(2);
}
await launch(name, args, WITH_CLIENT.has(name) ? ['client', 'docs', 'server'] : ['server']);
