import { describe, expect, test } from 'vitest';
import { platformProblem } from './platformCheck.mjs';

const linux = (nodeVersion: string, abi: number, glibcVersion: string | undefined): string | undefined =>
  platformProblem({ nodeVersion, abi, platform: 'linux', glibcVersion });

describe('the platform check', () => {
  test.each([
    ['20.19.0', 115, '2.36'],
    ['22.12.0', 127, '2.31'],
    ['24.1.0', 137, '2.38'],
    ['26.0.0', 147, '2.41'],
  ])('[START-1] Node %s (ABI %d) with glibc %s is served', (node, abi, glibc) => {
    expect(linux(node, abi, glibc)).toBeUndefined();
  });

  test.each([
    ['18.20.0', 108, '2.36', 'needs Node 20'],
    ['20.18.1', 115, '2.36', 'needs Node 20'],
    ['21.0.0', 120, '2.36', 'needs Node 20'],
    ['23.1.0', 131, '2.36', 'needs Node 20'],
    ['24.1.0', 137, '2.36', 'needs glibc 2.38'],
    ['22.12.0', 127, '2.17', 'needs glibc 2.27'],
    ['22.12.0', 127, undefined, 'with glibc'],
  ])('[START-1] Node %s (ABI %d) with glibc %s is told what is wrong', (node, abi, glibc, reason) => {
    expect(linux(node, abi, glibc)).toContain(reason);
  });

  test('[START-1] elsewhere than on Linux only the Node version counts', () => {
    expect(
      platformProblem({ nodeVersion: '22.1.0', abi: 127, platform: 'darwin', glibcVersion: undefined }),
    ).toBeUndefined();
  });
});
