import type { Book, LimitValues, MarginMode } from '../../shared/domain/account.ts';
import type { StrategyParams } from '../../shared/domain/bot.ts';
import type { Decimal } from '../../shared/domain/decimal.ts';
import type { Interval } from '../../shared/domain/market.ts';
import type { Side, TimeInForce } from '../../shared/domain/order.ts';

export interface BotConfig {
  name: string;
  accountId: string;
  symbol: string;
  interval: Interval;
  strategy: string;
  params: StrategyParams;
  allocationPct: Decimal;
  leverage: number;
  marginMode: MarginMode;
  onRestart: 'hold' | 'resume';
}

/** Which accounts a command reaches; neither named: all. */
export interface Scope {
  accountId?: string | undefined;
  book?: Book | undefined;
}

export interface OrderRequest {
  accountId: string;
  symbol: string;
  side: Side;
  type: 'market' | 'limit';
  size: Decimal;
  price: Decimal | null;
  timeInForce: TimeInForce;
  reduceOnly: boolean;
  stopPrice: Decimal | null;
  takeProfitPrice: Decimal | null;
}

/** What a user may ask of a desk, parsed and typed. */
export type Command =
  | {
      type: 'CreateAccount';
      name: string;
      venue: string;
      leverage: number;
      marginMode: MarginMode;
      deposit: Decimal;
    }
  | {
      type: 'UpdateAccount';
      accountId: string;
      name: string | undefined;
      leverage: number | undefined;
      marginMode: MarginMode | undefined;
    }
  | { type: 'ResetAccount'; accountId: string }
  | { type: 'RemoveAccount'; accountId: string }
  /** Keys were stored for it: the end of the api key, and when. */
  | { type: 'SetKeys'; accountId: string; tail: string; setAt: number }
  | { type: 'RemoveKeys'; accountId: string }
  /** Of an account, or of all accounts of a book together: exactly one is named. */
  | {
      type: 'SetLimits';
      accountId?: string | undefined;
      book?: Book | undefined;
      values: Partial<LimitValues>;
      timeZone: string | undefined;
    }
  | { type: 'CreateBot'; config: BotConfig }
  | { type: 'UpdateBot'; botId: string; change: Partial<BotConfig> }
  | { type: 'CloneBot'; botId: string; name: string; allocationPct: Decimal | undefined }
  | { type: 'DeleteBot'; botId: string }
  | { type: 'StartBot'; botId: string }
  | { type: 'PauseBot'; botId: string }
  | { type: 'ResumeBot'; botId: string }
  | { type: 'StopBot'; botId: string; positions: 'close' | 'hold' }
  | { type: 'StartBots'; scope: Scope }
  | { type: 'StopBots'; scope: Scope; positions: 'close' | 'hold' }
  | { type: 'SubmitOrder'; request: OrderRequest }
  | { type: 'AmendOrder'; orderId: string; price: Decimal | undefined; size: Decimal | undefined }
  | { type: 'CancelOrder'; orderId: string }
  | { type: 'ClosePosition'; accountId: string; symbol: string }
  | { type: 'ReducePosition'; accountId: string; symbol: string; size: Decimal }
  | { type: 'SetStop'; accountId: string; symbol: string; triggerPrice: Decimal }
  /** Null: taken back. */
  | { type: 'SetTakeProfit'; accountId: string; symbol: string; price: Decimal | null }
  | { type: 'DismissAlert'; alertId: string }
  | { type: 'EmergencyStop'; scope: Scope }
  | { type: 'ReleaseEmergency'; scope: Scope }
  /** Keeps the answer to what an administrator did on the desks of others; changes nothing here. */
  | { type: 'NoteAdminAction'; result: Record<string, unknown> }
  /** `adopt` (default): positions and orders found at the venue become the user's; `ignore`: they stay foreign. */
  | { type: 'ResolveForeign'; accountId: string; decision?: 'adopt' | 'ignore' };
