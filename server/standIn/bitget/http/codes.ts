import type { RefusalReason, Refused } from '../exchange/refusal.ts';
import type { Family } from '../exchange/user.ts';

/** The codes for each reason: unified, classic. */
const CODES: Readonly<Record<RefusalReason, readonly [v3: string, v2: string]>> = {
  balance: ['25202', '40762'],
  min_qty: ['25611', '45111'],
  max_qty: ['25611', '40808'],
  min_amount: ['25207', '45110'],
  qty_step: ['25610', '40808'],
  tick: ['25244', '45115'],
  price_band: ['25244', '22047'],
  no_order: ['25204', '40768'],
  no_plan: ['25204', '43025'],
  no_stop: ['25204', '43020'],
  no_stop_position: ['25227', '40891'],
  duplicate: ['25212', '43118'],
  no_position: ['25227', '22002'],
  side_mismatch: ['25236', '40774'],
  mode_busy: ['25010', '45117'],
  margin_mode_busy: ['25010', '45117'],
  stop_direction: ['40917', '40917'],
  stop_exists: ['25599', '40889'],
  leverage: ['40797', '40797'],
  parameter: ['40020', '40020'],
  symbol: ['40034', '40034'],
  not_trading: ['40309', '40309'],
  too_many_orders: ['25599', '45035'],
  post_only: ['40020', '40020'],
};

export const codeOf = (family: Family, { reason }: Refused): string => CODES[reason][family === 'v3' ? 0 : 1];
