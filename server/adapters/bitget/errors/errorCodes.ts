import type { VenueRefusal } from '../../../../shared/domain/cause.ts';
import type { BitgetFault } from './bitgetError.ts';

type PlainKind = Exclude<BitgetFault['kind'], 'rate_limited' | 'refused'>;

/** The exchange's codes by what they mean. Texts are never looked at: they change, and are translated. */
const FAULTS: Partial<Record<PlainKind, readonly string[]>> = {
  // It took the call and then failed: what became of it is to be asked for.
  uncertain: ['25000', '25001', '25003', '40010', '40725', '40910', '45001'],
  maintenance: ['30033', '40015', '40200', '40400', '40846', '43059'],
  clock: ['30013', '30014', '40004', '40005', '40008', '40078', '40079', '40911'],
  keys: ['30005', '30011', '30012', '30015', '40006', '40009', '40012', '400172'],
  address: ['40018', '40038'],
  permission: ['25620', '40014'],
  wrong_family: ['25245', '40084', '40085', '40731'],
  wrong_environment: ['40099'],
};

const REFUSALS: Partial<Record<VenueRefusal, readonly string[]>> = {
  insufficient_balance: ['25202', '25203', '40754', '40762', '43012'],
  no_such_order: ['22001', '25204', '40109', '40768', '43001', '43020', '43025', '45057'],
  no_position: ['22002', '24056', '25227', '25601', '40891'],
  duplicate_client_id: ['25212', '43118', '45034', '50060'],
  size: ['22038', '25611', '40808', '43006', '45111'],
  step: ['25610'],
  not_trading: ['40309'],
  leverage: ['40797'],
  price_band: ['22047'],
  min_notional: ['25207', '45110'],
  tick: ['25244', '45035', '45115'],
  mode: ['25010', '25236', '40774', '40920', '43075', '45021', '45117'],
  stop_exists: ['25599', '40889'],
  stop_direction: [
    ...['40829', '40830', '40831', '40832', '40833', '40834', '40835', '40836'],
    ...['40915', '40917', '45122'],
  ],
  // A position that is being closed by the exchange takes no orders meanwhile.
  reduce_only: ['22043', '22044', '22067'],
};

const RATE_LIMITED: readonly string[] = ['25004', '30006', '30007', '429'];

/** How long an endpoint is left alone after it was asked too much, where the answer says nothing of it, ms. */
export const RATE_LIMIT_PAUSE_MS = 1_000;

const MEANINGS: ReadonlyMap<string, BitgetFault> = new Map<string, BitgetFault>([
  ...entriesOf(FAULTS).flatMap(([kind, codes]) =>
    codes.map((code): [string, BitgetFault] => [code, { kind }]),
  ),
  ...entriesOf(REFUSALS).flatMap(([as, codes]) =>
    codes.map((code): [string, BitgetFault] => [code, { kind: 'refused', as }]),
  ),
  ...RATE_LIMITED.map((code): [string, BitgetFault] => [
    code,
    { kind: 'rate_limited', retryAfterMs: RATE_LIMIT_PAUSE_MS },
  ]),
]);

function entriesOf<K extends string>(table: Partial<Record<K, readonly string[]>>): [K, readonly string[]][] {
  return Object.entries(table) as [K, readonly string[]][];
}

/** What a code of the exchange means; one that nobody knows is a refusal for a reason that has no name. */
export function faultOfCode(code: string): BitgetFault {
  return MEANINGS.get(code) ?? { kind: 'refused', as: 'other' };
}

/** Codes by which it tells that it is, or is about to be, out of service: nothing new is begun then. */
const OUT_OF_SERVICE: ReadonlySet<string> = new Set(['30033', '40015', '40200', '45001']);

export const tellsMaintenance = (code: string | null): boolean => code !== null && OUT_OF_SERVICE.has(code);
