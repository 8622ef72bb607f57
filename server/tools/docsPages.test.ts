import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DENIAL_LIMITS } from '../../shared/domain/denial.ts';
import { ERROR_CODES, isRetryable } from '../../shared/protocol/errors.ts';
import { FRAME_KINDS } from '../../shared/protocol/frames.ts';
import { canonicalJson, hashView } from '../../shared/view/hashView.ts';
import { emptyView, VIEW_LIMITS, type View } from '../../shared/view/view.ts';
import { GATEWAY_LIMITS } from '../gateway/limits.ts';
import { PASSWORD_MAX_CHARACTERS, PASSWORD_MIN_CHARACTERS } from '../identity/passwordPolicy.ts';
import { projectRoot } from '../projectRoot.ts';

const page = (name: string): string => readFileSync(join(projectRoot(), 'docs', name), 'utf8');

/** The text of a fenced block by what follows its fence. */
function block(text: string, info: string): string {
  const found = new RegExp(`^\`\`\`${info}\n([\\s\\S]*?)\n\`\`\`$`, 'm').exec(text)?.[1];
  if (found === undefined) throw new Error(`there is no block ${info}`);
  return found;
}

/** Words in backticks in the first column of the table that begins with this head. */
function firstColumn(text: string, head: string): string[] {
  const from = text.indexOf(`| ${head} |`);
  if (from < 0) throw new Error(`there is no table ${head}`);
  const [table = ''] = text.slice(from).split('\n\n');
  const rows = table.split('\n').slice(2);
  return rows.flatMap((row) =>
    [...(row.split('|')[1] ?? '').matchAll(/`([^`]+)`/g)].flatMap(([, word]) => word ?? []),
  );
}

describe('Resume, acks and the hash', () => {
  const text = page('resume.md');

  it('[MET-17] the worked vector is what the server computes', () => {
    const view = JSON.parse(block(text, 'json vector-view')) as View;
    const hashed = { epoch: '01JEXAMPLE', seq: 42, view, viewVersion: 1 };
    expect(block(text, 'text vector-canonical')).toBe(canonicalJson(hashed));
    expect(block(text, 'text vector-hash')).toBe(hashView('01JEXAMPLE', 42, view));
    expect(block(text, 'text vector-empty')).toBe(hashView('01JEXAMPLE', 0, emptyView()));
  });

  it('[MET-17] every kind of frame has its place in the table of folding', () => {
    expect(firstColumn(text, 'kind').sort()).toEqual([...FRAME_KINDS].sort());
  });

  it('[MET-17] bounds are as they are', () => {
    expect(text).toContain(`more than ${GATEWAY_LIMITS.resumeFrames.toLocaleString('en')} frames`);
    for (const [list, limit] of Object.entries({ fills: VIEW_LIMITS.fills, trades: VIEW_LIMITS.trades }))
      expect(text).toMatch(new RegExp(`\`${list}\`, keep the last ${limit}`));
    expect(text).toContain(`else append, keep the last ${VIEW_LIMITS.closedOrders}.`);
    expect(text).toContain(`append, keep the last ${VIEW_LIMITS.emergencies} `);
  });
});

describe('HTTP routes', () => {
  it('[MET-17] says how long a password may be, as it is checked', () => {
    expect(page('http.md')).toContain(`${PASSWORD_MIN_CHARACTERS} to ${PASSWORD_MAX_CHARACTERS} characters`);
  });
});

describe('Errors and retries', () => {
  const text = page('errors.md');

  it('[MET-17] has a row for every code, and says which are retryable', () => {
    expect(firstColumn(text, 'code')).toEqual([...ERROR_CODES]);
    for (const code of ERROR_CODES) {
      const row = text.split('\n').find((line) => line.startsWith(`| \`${code}\` |`)) ?? '';
      const again = row.split('|')[3]?.trim() ?? '';
      if (isRetryable(code)) expect(again, code).toMatch(/^yes/);
      // What may be repeated all the same says why it is not called so.
      else if (again.startsWith('yes')) expect(again, code).toContain('`retryable` is `false`');
    }
  });

  it('[MET-17] has a row for every reason of a denial', () => {
    expect(firstColumn(text, 'limit').sort()).toEqual([...DENIAL_LIMITS].sort());
  });
});
