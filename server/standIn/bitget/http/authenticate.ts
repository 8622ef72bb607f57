import { createHmac } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { Exchange } from '../exchange/exchange.ts';
import type { User } from '../exchange/user.ts';
import { familyOf, type Route } from './call.ts';
import { Failure } from './failure.ts';

/** How far a request's time may be from the exchange's, ms. */
export const WINDOW_MS = 30_000;

export interface Signed {
  route: Route;
  /** With its query, as it was sent. */
  target: string;
  body: string;
  headers: IncomingHttpHeaders;
  address: string;
}

export const signature = (secret: string, text: string): string =>
  createHmac('sha256', secret).update(text).digest('base64');

const header = (headers: IncomingHttpHeaders, name: string): string => {
  const value = headers[name];
  return typeof value === 'string' ? value : '';
};

/** Whose request it is; throws with the code of what is wrong with it. */
export function authenticate(exchange: Exchange, request: Signed): User {
  const { headers, route } = request;
  const key = header(headers, 'access-key');
  const sign = header(headers, 'access-sign');
  const timestamp = header(headers, 'access-timestamp');
  const passphrase = header(headers, 'access-passphrase');
  if (key === '') throw new Failure('40001', 'ACCESS_KEY cannot be empty');
  if (sign === '') throw new Failure('40003', 'Signature cannot be empty');
  if (timestamp === '') throw new Failure('40002', 'ACCESS_TIMESTAMP cannot be empty');
  if (passphrase === '') throw new Failure('40011', 'ACCESS_PASSPHRASE cannot be empty');
  const user = exchange.user(key);
  if (user === undefined) throw new Failure('40006', 'Invalid ACCESS_KEY');
  const isDemo = header(headers, 'paptrading') === '1';
  if (isDemo !== (user.environment === 'demo'))
    throw new Failure('40099', 'exchange environment is incorrect');
  const family = familyOf(route.path);
  // Before the signature is looked at.
  if (family === 'v2' && user.family === 'v3' && user.elite)
    throw new Failure('40731', 'this key is not for the Classic Account API');
  if (family === 'v2' && user.family === 'v3')
    throw new Failure(
      '40085',
      'You are in Unified Account mode, and the Classic Account API is not supported',
    );
  if (!/^\d{13}$/.test(timestamp)) throw new Failure('40005', 'Invalid ACCESS_TIMESTAMP');
  if (Math.abs(Number(timestamp) - exchange.now()) > WINDOW_MS)
    throw new Failure('40008', 'Request timestamp expired');
  // Clients sign the query as it is sent or decoded: both are taken.
  const targets = [request.target, decoded(request.target)];
  if (
    !targets.some(
      (target) => sign === signature(user.secret, timestamp + route.method + target + request.body),
    )
  )
    throw new Failure('40009', 'sign signature error');
  if (passphrase !== user.passphrase) throw new Failure('40012', 'apikey/password is incorrect');
  if (user.ips.length > 0 && !user.ips.includes(request.address)) throw new Failure('40018', 'Invalid IP');
  if (family === 'v3' && user.family === 'v2')
    throw new Failure(
      exchange.switches.classicOnV3,
      'You are in Classic Account mode, and the Unified Account API is not supported',
    );
  if (route.method === 'POST' && !mayWrite(user))
    throw new Failure(family === 'v3' ? '25620' : '40014', 'Incorrect permissions');
  return user;
}

function decoded(target: string): string {
  try {
    return decodeURIComponent(target);
  } catch {
    return target;
  }
}

const mayWrite = ({ readOnly, permissions, family }: User): boolean =>
  !readOnly && permissions.includes(family === 'v3' ? 'uta_trade' : 'coow');
