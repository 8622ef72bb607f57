// Some registries do not carry every platform's binary. npm then leaves those packages out of
// package-lock.json, and `npm ci` on another npm refuses the lock ("Missing: … from lock file").
// Run after any dependency change: node scripts/complete-lock.mjs
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const path = fileURLToPath(new URL('../package-lock.json', import.meta.url));
const lock = JSON.parse(readFileSync(path, 'utf8'));

/** os and cpu as npm spells them, read from names such as `@uwsjs/linux-arm64-22`. */
function platformOf(name) {
  const match =
    /(linux|darwin|win32|windows|freebsd|openbsd|netbsd|sunos|android|aix|openharmony)[-_](arm64|arm|x64|ia32|ppc64|s390x|riscv64|loong64|mips64el|wasm32)/.exec(
      name,
    );
  if (!match) return undefined;
  return { os: [match[1] === 'windows' ? 'win32' : match[1]], cpu: [match[2]] };
}

let added = 0;
for (const [parent, entry] of Object.entries({ ...lock.packages })) {
  for (const [name, range] of Object.entries(entry.optionalDependencies ?? {})) {
    const nested = `${parent ? `${parent}/` : ''}node_modules/${name}`;
    const hoisted = `node_modules/${name}`;
    const platform = platformOf(name);
    const held = [nested, hoisted].some((key) => lock.packages[key]?.version === range.replace(/^[\^~]/, ''));
    if (held || !platform) continue;
    const key = lock.packages[hoisted] ? nested : hoisted;
    lock.packages[key] = { version: range.replace(/^[\^~]/, ''), ...platform, optional: true };
    added += 1;
  }
}
lock.packages = Object.fromEntries(Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : 1)));
writeFileSync(path, `${JSON.stringify(lock, null, 2)}\n`);
console.log(`${added} optional platform packages added to package-lock.json`);
