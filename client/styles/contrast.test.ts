import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const css = readFileSync(new URL('./tokens.css', import.meta.url), 'utf8');

/** Both colours of a token: light, dark. */
function token(name: string): [string, string] {
  const value = new RegExp(`--${name}: ([^;]+);`).exec(css)?.[1] ?? '';
  const colours = [...value.matchAll(/#[0-9a-f]{6}/g)].map(([colour]) => colour);
  const [light, dark = light] = colours;
  if (light === undefined || dark === undefined) throw new Error(`no colour in --${name}: ${value}`);
  return [light, dark];
}

function luminance(colour: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const share = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a: string, b: string): number {
  const [low = 0, high = 0] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (high + 0.05) / (low + 0.05);
}

const onPlain = ['text', 'text-2', 'text-3', 'accent', 'up', 'down', 'warn'].flatMap((text) =>
  ['surface', 'bg'].map((ground) => [text, ground] as const),
);
const onSoft = (['accent', 'up', 'down', 'warn', 'sim'] as const).map(
  (tone) => [tone, `${tone}-soft`] as const,
);
const onOthers = [
  ['text-2', 'surface-2'],
  ['text', 'surface-3'],
  ['text', 'accent-soft'],
  ['text-2', 'down-soft'],
  ['text-2', 'warn-soft'],
  ['on-accent', 'accent-strong'],
  ['on-accent', 'danger'],
] as const;

test.each([...onPlain, ...onSoft, ...onOthers])(
  '[UI-13] --%s can be read on --%s in both themes',
  (text, ground) => {
    const [light, dark] = [0, 1].map((theme) =>
      contrast(token(text)[theme] ?? '', token(ground)[theme] ?? ''),
    );
    expect(light, 'light').toBeGreaterThanOrEqual(4.5);
    expect(dark, 'dark').toBeGreaterThanOrEqual(4.5);
  },
);
