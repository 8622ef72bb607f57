import { expect, test } from 'vitest';
import { ops } from './ops.ts';

const ODD: Record<string, unknown> = {
  'long text': 'x'.repeat(3_000),
  'long number': '9'.repeat(3_000),
  'text with an exponent': '1e5',
  infinity: Number.POSITIVE_INFINITY,
  'number with an exponent': -1e21,
  nothing: '',
};

test.each(Object.keys(ODD))('[MET-1] a limit that is %s is an issue of its own, and no exception', (what) => {
  for (const name of ['dailyLoss', 'maxLeverage', 'priceBandPct']) {
    const args = { accountId: 'account-of-somebody', values: { [name]: ODD[what] } };
    const { success, error } = ops['limits.set'].args.safeParse(args);
    expect(success).toBe(false);
    expect(error?.issues.every(({ path }) => path.join('.') === `values.${name}`)).toBe(true);
  }
});
