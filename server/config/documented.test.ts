import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { projectRoot } from '../projectRoot.ts';
import { environmentSchema, readEnvironment } from './environment.ts';

const text = (path: string): string => readFileSync(join(projectRoot(), path), 'utf8');

const SERVER = Object.keys(environmentSchema.shape);
const VENUE = [
  ...new Set(
    [...text('server/adapters/simulated/remote/venueConfig.ts').matchAll(/given\('([A-Z_]+)'\)/g)].flatMap(
      ([, name]) => name ?? [],
    ),
  ),
];
/** Read by docker/compose.yaml alone. */
const COMPOSE = ['PUBLIC_HOST', 'CERTIFICATE_DIR'];

/** Names of a table's first column, with what stands in the second. */
function rowsOf(section: string): Map<string, string> {
  return new Map(
    [...section.matchAll(/^\| `([A-Z_]+)` \|([^|]*)\|/gm)].map(([, name = '', given = '']) => [
      name,
      given.trim(),
    ]),
  );
}

describe('[MET-18] variables of the environment', () => {
  const example = new Set(
    [...text('.env.example').matchAll(/^(?:# )?([A-Z][A-Z0-9_]+)=/gm)].map(([, name]) => name),
  );
  const [, server = '', venue = ''] = text('docs/configuration.md').split('\n## ');

  it('[MET-18] .env.example names every variable that server and venue read, and no other', () => {
    expect([...example].sort()).toEqual([...new Set([...SERVER, ...VENUE, 'PUBLIC_HOST'])].sort());
  });

  it('[MET-18] docs/configuration.md has a row for every variable of server and venue, and no other', () => {
    expect([...rowsOf(server).keys()].sort()).toEqual([...SERVER].sort());
    expect([...rowsOf(venue).keys()].sort()).toEqual([...VENUE].sort());
  });

  it('[MET-18] defaults are told as they are', () => {
    const { values } = readEnvironment({});
    for (const [name, value] of Object.entries(values)) {
      if (typeof value !== 'string' && typeof value !== 'number') continue;
      expect(rowsOf(server).get(name), name).toBe(`\`${value}\``);
      expect(text('.env.example'), name).toMatch(new RegExp(`^(# )?${name}=`, 'm'));
    }
  });

  it('[MET-18] what docker/compose.yaml reads is named', () => {
    const read = [...text('docker/compose.yaml').matchAll(/\$\{([A-Z_]+)/g)].map(([, name]) => name ?? '');
    for (const name of read)
      expect(
        [...SERVER, ...COMPOSE].includes(name) && text('docs/configuration.md').includes(`\`${name}\``),
        name,
      ).toBe(true);
  });
});
