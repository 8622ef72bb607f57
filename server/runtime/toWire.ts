import type { Actor } from '../../shared/domain/actor.ts';
import type { DeskFrame } from '../../shared/protocol/frames.ts';
import type { DeskEvent } from '../core/events.ts';

/** Events their owner has nothing to see in; as frames they keep `seq` dense. */
type Private =
  | 'DeskOpened'
  | 'DeskRecovered'
  | 'DeskLatched'
  | 'Reconciled'
  | 'BalanceCompared'
  | 'PositionsCompared'
  | 'ReadingNoted'
  | 'RealisedSettled'
  | 'FillHeld'
  | 'SymbolConfigured'
  | 'EquityMarked'
  | 'BarsGiven';

/** Total: each stored event becomes exactly one frame, without what only the engine needs. */
export function toWire(event: DeskEvent, epoch: string, ts: number): DeskFrame {
  return {
    ch: 'desk',
    epoch,
    seq: event.seq,
    ...shown(event),
    ts,
    by: shownActor(event.by),
    cause: event.cause,
  } as DeskFrame;
}

/** That an administrator did it is shown, not which one: the log knows. */
function shownActor(by: Actor): Actor {
  return by.kind === 'admin' ? { kind: 'admin', userId: null, deviceId: null } : by;
}

type Shown = {
  [K in DeskFrame['kind']]: { kind: K; data: Extract<DeskFrame, { kind: K }>['data'] };
}[DeskFrame['kind']];

function shown(event: DeskEvent): Shown {
  switch (event.kind) {
    case 'DeskOpened':
    case 'DeskRecovered':
    case 'DeskLatched':
    case 'Reconciled':
    case 'BalanceCompared':
    case 'PositionsCompared':
    case 'ReadingNoted':
    case 'RealisedSettled':
    case 'FillHeld':
    case 'SymbolConfigured':
    case 'EquityMarked':
    case 'BarsGiven':
      return { kind: 'Internal' satisfies DeskFrame['kind'], data: {} };
    case 'FillRecorded':
      return { kind: event.kind, data: { fill: event.data.fill } };
    case 'TradeChanged':
      return { kind: 'PositionChanged', data: event.data };
    case 'BalanceChanged':
      return { kind: event.kind, data: { account: event.data.account } };
    case 'FundingPaid': {
      const { accountId, bill } = event.data;
      const symbol = bill.symbol ?? '';
      return {
        kind: event.kind,
        data: { billId: bill.billId, accountId, symbol, amount: bill.amount, ts: bill.ts },
      };
    }
    default:
      return asIs(event);
  }
}

/** Kinds whose stored data is what is shown. */
function asIs(
  event: Exclude<
    DeskEvent,
    { kind: Private | 'FillRecorded' | 'TradeChanged' | 'BalanceChanged' | 'FundingPaid' }
  >,
): Shown {
  const { kind, data } = event;
  return { kind, data } as Shown;
}
