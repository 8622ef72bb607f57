import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { BitgetError } from '../errors/bitgetError.ts';
import { BitgetKeys } from '../errors/bitgetKeys.ts';
import { faultOfCode, tellsMaintenance } from '../errors/errorCodes.ts';
import { readAnswer, readData, requestTimeOf } from './answer.ts';
import { decimalField, listOf, optionalDecimal, optionalTime, pageOf, timeField } from './fields.ts';

function failure(status: number, body: string): BitgetError {
  try {
    readAnswer({ call: 'GET /x', status, body });
  } catch (error) {
    if (error instanceof BitgetError) return error;
  }
  throw new Error('no failure');
}
const coded = (code: string, status = 400) =>
  failure(status, JSON.stringify({ code, msg: 'any text', requestTime: 1, data: null }));

describe('answers of the exchange', () => {
  test('[BIT-1] only what says success in its own words is an answer', () => {
    const body = JSON.stringify({
      code: '00000',
      msg: 'success',
      requestTime: 1753787749280,
      data: { a: 1 },
    });
    expect(readAnswer({ call: 'x', status: 200, body })).toEqual({
      data: { a: 1 },
      requestTime: 1753787749280,
    });
    for (const other of [
      '',
      ' ',
      '<html><body>maintenance</body></html>',
      '[]',
      '{}',
      'null',
      '"00000"',
      '{"data":[]}',
    ])
      expect(failure(200, other).fault).toEqual({ kind: 'no_sense' });
    expect(failure(502, '<html>bad gateway</html>').fault).toEqual({ kind: 'no_sense' });
    expect(failure(500, body).fault).toEqual({ kind: 'no_sense' });
    expect(failure(429, '').fault).toEqual({ kind: 'rate_limited', retryAfterMs: 1_000 });
  });

  test('[BIT-1] data of another shape is no answer, and is not repeated', () => {
    const schema = z.object({ list: z.array(z.string()) });
    expect(readData('GET /x', schema, { list: ['a'] })).toEqual({ list: ['a'] });
    const read = () => readData('GET /x', schema, { list: ['planted-secret', 2] });
    expect(read).toThrow(expect.objectContaining({ fault: { kind: 'no_sense' } }));
    expect(read).toThrow(/^(?!.*planted-secret)/);
  });

  test('[BIT-2] what went wrong is told by sets of codes, never by texts', () => {
    expect(coded('25204').fault).toEqual({ kind: 'refused', as: 'no_such_order' });
    expect(coded('40762', 200).fault).toEqual({ kind: 'refused', as: 'insufficient_balance' });
    expect(coded('40099').fault).toEqual({ kind: 'wrong_environment' });
    for (const code of ['40084', '25245', '40085', '40731'])
      expect(coded(code).fault).toEqual({ kind: 'wrong_family' });
    expect(coded('45110').fault).toEqual({ kind: 'refused', as: 'min_notional' });
    expect(coded('99999').fault).toEqual({ kind: 'refused', as: 'other' });
    expect(coded('99999', 500).fault).toEqual({ kind: 'uncertain' });
    expect(coded('12345', 429).fault).toMatchObject({ kind: 'rate_limited' });
    expect(coded('25204').message).toBe('GET /x: any text (25204)');
  });

  test('[BIT-3] a write that failed in one of these ways may still have happened, in another it has not', () => {
    const unsure = ['25000', '25001', '25003', '40010', '40725', '40910', '45001'];
    for (const code of unsure) expect(coded(code).mayHaveHappened).toBe(true);
    for (const code of ['40008', '40762', '429', '40015', '40099', '99999'])
      expect(coded(code).mayHaveHappened).toBe(false);
    expect(failure(200, '').mayHaveHappened).toBe(true);
    expect(new BitgetError({ kind: 'not_sent' }, { code: null, message: 'refused' }).mayHaveHappened).toBe(
      false,
    );
    expect(new BitgetError({ kind: 'no_answer' }, { code: null, message: 'late' }).mayHaveHappened).toBe(
      true,
    );
  });

  test('[BIT-4] codes of maintenance are known, announced or under way', () => {
    for (const code of ['30033', '45001', '40015', '40200']) expect(tellsMaintenance(code)).toBe(true);
    expect(tellsMaintenance('40762') || tellsMaintenance(null)).toBe(false);
    expect(faultOfCode('40015')).toEqual({ kind: 'maintenance' });
  });

  test('[BIT-5] money is read as text, exactly, whatever it is written like', () => {
    const read = (value: unknown) => decimalField.safeParse(value).data;
    expect(read('27000.0')).toBe('27000');
    expect(read('0.00000000')).toBe('0');
    expect(read('-0.00002')).toBe('-0.00002');
    expect(read('90247.5410266912815894')).toBe('90247.5410266912815894');
    expect(read('1E-7')).toBe('0.0000001');
    expect(read('0E-8')).toBe('0');
    expect(read(20)).toBe('20');
    expect(read('0.1234567890123456789')).toBe('0.123456789012345678');
    for (const none of ['', 'abc', null, undefined, 'NaN', '1,5']) expect(read(none)).toBeUndefined();
    for (const none of ['', null, undefined]) expect(optionalDecimal.parse(none)).toBeNull();
    expect(optionalDecimal.safeParse('abc').success).toBe(false);
  });

  test('[BIT-6] an empty list may be null, a moment a text', () => {
    expect(listOf(z.string()).parse(null)).toEqual([]);
    expect(pageOf(z.string()).parse({ list: null })).toEqual({ list: [], cursor: null });
    expect(pageOf(z.string()).parse(null)).toEqual({ list: [], cursor: null });
    expect(pageOf(z.string()).parse({ list: ['a'], cursor: '12' })).toEqual({ list: ['a'], cursor: '12' });
    expect(listOf(z.string()).safeParse('<html>').success).toBe(false);
    expect(timeField.parse('1753787749280')).toBe(1753787749280);
    expect([optionalTime.parse(''), optionalTime.parse('-1'), optionalTime.parse('5')]).toEqual([
      null,
      null,
      5,
    ]);
    expect(requestTimeOf('<html>')).toBeNull();
    expect(requestTimeOf('{"code":"40008","requestTime":77,"data":null}')).toBe(77);
  });
});

describe('a key', () => {
  const parts = { apiKey: 'bg_0123456789abcdef', secret: 'planted-secret', passphrase: 'pass "phrase" + 1' };
  const keys = new BitgetKeys(parts);

  test('[BIT-7] shows its end to whoever prints or stores it, and nothing else', () => {
    const printed = [
      inspect(keys, { depth: 9, showHidden: true }),
      JSON.stringify({ keys }),
      `${Object.values(keys)}`,
    ];
    for (const part of Object.values(parts)) expect(printed.join(' ')).not.toContain(part);
    expect(JSON.stringify({ keys })).toBe('{"keys":"…cdef"}');
    expect(JSON.stringify(new BitgetKeys({ ...parts, apiKey: 'short' }))).toBe('"…"');
  });

  test('[BIT-7] is cut out of what others say, however they spell it', () => {
    const said = `Apikey ${parts.apiKey} {"p":${JSON.stringify(parts.passphrase)}} ?p=${encodeURIComponent(parts.passphrase)} ${parts.secret}`;
    const clean = keys.redact(said);
    expect(clean).toBe('Apikey [redacted] {"p":"[redacted]"} ?p=[redacted] [redacted]');
  });

  test('[BIT-8] signs as the exchange has it', () => {
    const { 'ACCESS-SIGN': sign, ...others } = keys.headers(1700000000000, 'GET', '/api/v3/x?a=1', '');
    expect(others).toEqual({
      'ACCESS-KEY': parts.apiKey,
      'ACCESS-TIMESTAMP': '1700000000000',
      'ACCESS-PASSPHRASE': parts.passphrase,
    });
    expect(sign).toMatch(/^[A-Za-z0-9+/]{43}=$/);
    expect(keys.login(1700000000999)).toMatchObject({ timestamp: '1700000000', apiKey: parts.apiKey });
  });
});
