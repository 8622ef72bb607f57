import { dec } from '../../../../shared/domain/decimal.ts';
import type { Instrument } from '../../../../shared/domain/instrument.ts';

/** The id of the simulated venue, in market keys and accounts. */
export const SIMULATED_VENUE = 'sim';
/** The coin every simulated contract is margined and settled in. */
export const SETTLE_COIN = 'USDT';

interface Contract {
  base: string;
  tick: string;
  step: string;
  minSize: string;
  maxSize: string;
  maxLeverage: number;
  maintenance: string;
}

const CONTRACTS: readonly Contract[] = [
  {
    base: 'BTC',
    tick: '0.1',
    step: '0.0001',
    minSize: '0.0001',
    maxSize: '1200',
    maxLeverage: 125,
    maintenance: '0.004',
  },
  {
    base: 'ETH',
    tick: '0.01',
    step: '0.01',
    minSize: '0.01',
    maxSize: '20000',
    maxLeverage: 100,
    maintenance: '0.005',
  },
  {
    base: 'SOL',
    tick: '0.001',
    step: '0.1',
    minSize: '0.1',
    maxSize: '200000',
    maxLeverage: 75,
    maintenance: '0.01',
  },
  {
    base: 'XRP',
    tick: '0.0001',
    step: '1',
    minSize: '1',
    maxSize: '6000000',
    maxLeverage: 75,
    maintenance: '0.01',
  },
  {
    base: 'DOGE',
    tick: '0.00001',
    step: '1',
    minSize: '1',
    maxSize: '40000000',
    maxLeverage: 75,
    maintenance: '0.01',
  },
];

/** The USDT perpetuals of the simulated venue; a replay trades recorded prices under the same rules. */
export const SIMULATED_INSTRUMENTS: readonly Instrument[] = CONTRACTS.map((contract) => ({
  venue: SIMULATED_VENUE,
  symbol: `${contract.base}${SETTLE_COIN}`,
  baseCoin: contract.base,
  quoteCoin: SETTLE_COIN,
  status: 'trading',
  tickSize: dec(contract.tick),
  sizeStep: dec(contract.step),
  minSize: dec(contract.minSize),
  maxLimitSize: dec(contract.maxSize),
  maxMarketSize: dec(contract.maxSize),
  minNotional: dec('5'),
  maxLeverage: contract.maxLeverage,
  makerFeeRate: dec('0.0002'),
  takerFeeRate: dec('0.0006'),
  maintenanceMarginRate: dec(contract.maintenance),
  priceBandRatio: dec('0.05'),
  simulated: true,
}));
