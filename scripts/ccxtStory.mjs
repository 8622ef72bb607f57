// node scripts/ccxtStory.mjs [--ccxt FOLDER]     leads ccxt through a whole story on the stand-in for Bitget, in both account
// families. ccxt is no dependency: FOLDER is a node_modules that has it (default: the one here).
import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { ROOT, SERVER_DIST } from './entries.mjs';
import { buildStale } from './launch.mjs';

const BTC = 'BTC/USDT:USDT';
const { values } = parseArgs({ options: { ccxt: { type: 'string' } } });
const folder = resolve(values.ccxt ?? join(ROOT, 'node_modules'));

function findCcxt() {
  try {
    return createRequire(join(folder, 'any.js')).resolve('ccxt');
  } catch {
    return undefined;
  }
}

/** The stand-in as a process of its own, and a hand on it. */
async function startStandIn() {
  if (!buildStale(['server'])) process.exit(1);
  const child = fork(join(SERVER_DIST, 'bitgetStandIn.mjs'), ['--port', '0'], {
    execArgv: ['--import', pathToFileURL(join(ROOT, 'scripts/endWithParent.mjs')).href],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const { url, wsUrl } = await new Promise((done, failed) => {
    child.once('message', done);
    child.once('exit', (code) => failed(new Error(`the stand-in ended with ${code}`)));
  });
  const act = async (name, ...args) => {
    const body = JSON.stringify({ do: name, with: args });
    const { data } = await (await fetch(`${url}/stand-in/control`, { method: 'POST', body })).json();
    assert.equal(data?.error, undefined);
    return data;
  };
  return { url, wsUrl, act, stop: () => child.kill('SIGTERM') };
}

async function connect(ccxt, standIn, apiKey, uta) {
  const exchange = new ccxt.pro.bitget({
    apiKey,
    secret: `secret-of-${apiKey}`,
    password: 'passphrase',
    enableRateLimit: true,
    // Its own detection takes any error for a classic account.
    options: { uta, defaultType: 'swap', sandboxMode: true, fetchMarkets: { types: ['swap'] } },
  });
  // Its coins are of spot, which the stand-in has nothing of.
  exchange.has.fetchCurrencies = false;
  for (const name of Object.keys(exchange.urls.api))
    if (typeof exchange.urls.api[name] === 'string') exchange.urls.api[name] = standIn.url;
  const sockets = {
    public: `${standIn.wsUrl}/v2/ws/public`,
    private: `${standIn.wsUrl}/v2/ws/private`,
    utaPublic: `${standIn.wsUrl}/v3/ws/public`,
    utaPrivate: `${standIn.wsUrl}/v3/ws/private`,
  };
  exchange.urls.api.ws = sockets;
  exchange.urls.api.demo = sockets;
  // It needs that for sockets without TLS.
  await exchange.loadHttpProxyAgent();
  return exchange;
}

async function until(look, what) {
  for (let n = 0; n < 500; n += 1) {
    const found = await look();
    if (found) return found;
    await new Promise((done) => setTimeout(done, 20));
  }
  throw new Error(`never came: ${what}`);
}

async function story(exchange, standIn, apiKey, uta) {
  const truth = () => standIn.act('truth', apiKey);
  const told = { orders: [], trades: [], positions: [], balances: [] };
  const watching = { is: true };
  const follow = async (name, watch) => {
    while (watching.is) {
      try {
        const seen = await watch();
        told[name].push(...(Array.isArray(seen) ? seen : [seen]));
      } catch (error) {
        if (watching.is) throw error;
      }
    }
  };
  await standIn.act('price', 'BTCUSDT', '60000');
  const markets = await exchange.loadMarkets();
  assert.equal(markets[BTC].precision.price, 0.1);
  assert.equal(markets[BTC].limits.amount.min, 0.0001);
  assert.equal((await exchange.fetchTicker(BTC)).last, 60000);
  assert.equal((await exchange.fetchOHLCV(BTC, '1m', undefined, 10)).length, 10);
  assert.equal((await exchange.fetchBalance()).USDT.total, 10000);
  await exchange.setLeverage(10, BTC);
  void follow('orders', () => exchange.watchOrders(undefined, undefined, undefined, uta ? { uta } : {}));
  void follow('trades', () => exchange.watchMyTrades(undefined, undefined, undefined, uta ? { uta } : {}));
  void follow('positions', () =>
    exchange.watchPositions(undefined, undefined, undefined, uta ? { uta } : {}),
  );

  const attached = { stopLoss: { triggerPrice: 58000 }, clientOrderId: `ccxt-${apiKey}-1` };
  const entry = await exchange.createOrder(BTC, 'limit', 'buy', 0.02, 59000, attached);
  const [open] = await exchange.fetchOpenOrders(BTC);
  assert.equal(open.id, entry.id);
  assert.equal(open.status, 'open');
  await until(async () => (await exchange.fetchOrder(entry.id, BTC)).status === 'open', 'the order');
  await standIn.act('tradeAgainst', apiKey, entry.id, '0.008');
  assert.equal((await exchange.fetchOrder(entry.id, BTC)).filled, 0.008);
  const [held] = (await exchange.fetchPositions([BTC])).filter(({ contracts }) => contracts > 0);
  assert.deepEqual([held.side, held.contracts, held.entryPrice], ['long', 0.008, 59000]);
  const trigger = uta ? { trigger: true } : { trigger: true, planType: 'profit_loss' };
  const stops = await exchange.fetchOpenOrders(BTC, undefined, undefined, trigger);
  assert.equal(stops.length, 1);
  await exchange.cancelOrder(entry.id, BTC);
  assert.equal((await exchange.fetchOpenOrders(BTC)).length, 0);
  await assert.rejects(exchange.cancelOrder(entry.id, BTC));

  await standIn.act('price', 'BTCUSDT', '57900');
  assert.equal((await truth()).positions.length, 0);
  const market = await exchange.createOrder(BTC, 'market', 'sell', 0.01);
  const stopped = { stopLossPrice: 59000, reduceOnly: true };
  const stop = await exchange.createOrder(BTC, 'market', 'buy', 0.01, undefined, stopped);
  assert.equal((await truth()).stops[0].orderId, stop.id);
  await exchange.cancelOrder(stop.id, BTC, uta ? { trigger: true } : { trigger: true, planType: 'pos_loss' });
  assert.equal((await truth()).stops.length, 0);
  await exchange.createOrder(BTC, 'market', 'buy', 0.004, undefined, { reduceOnly: true });
  await exchange.closePosition(BTC);
  assert.equal((await truth()).positions.length, 0);
  const trades = await exchange.fetchMyTrades(BTC);
  assert.equal(trades.length, 5);
  assert.equal(trades.find(({ order }) => order === market.id).amount, 0.01);
  // Its own example of a unified fill has the fee positive, as the stand-in has it; it tells it as a rebate all the same.
  const paid = ({ fee }) => fee.currency === 'USDT' && (uta ? fee.cost < 0 : fee.cost > 0);
  assert.equal(trades.every(paid), true);
  const balance = (await exchange.fetchBalance()).USDT.total;
  assert.equal(String(balance), (await truth()).balance);
  const ledger = await exchange.fetchLedger('USDT', undefined, undefined, { type: 'swap' });
  assert.equal(ledger.length > 4, true);
  await until(() => told.trades.length >= 5, 'all trades on the stream');
  await until(() => told.orders.some(({ status }) => status === 'canceled'), 'the cancel on the stream');
  await until(() => told.positions.length > 0, 'positions on the stream');
  watching.is = false;
  await exchange.close();
  return {
    trades: trades.length,
    told: told.trades.length,
    orders: told.orders.length,
    ledger: ledger.length,
  };
}

const path = findCcxt();
if (path === undefined) {
  console.log(`ccxt is not in ${folder}: npm install ccxt somewhere, and say --ccxt THERE/node_modules`);
  process.exit(0);
}
const { default: ccxt } = await import(pathToFileURL(path).href);
const standIn = await startStandIn();
try {
  for (const [apiKey, uta] of [
    ['demo-unified', true],
    ['demo-classic', false],
  ]) {
    const seen = await story(await connect(ccxt, standIn, apiKey, uta), standIn, apiKey, uta);
    console.log(`ccxt ${ccxt.version}, ${apiKey}: the story passed`, JSON.stringify(seen));
  }
} finally {
  standIn.stop();
}
