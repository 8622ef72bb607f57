import { errors, jwtVerify, SignJWT } from 'jose';
import { z } from 'zod';
import type { AccessVerdict, Grant } from '../ports/authenticator.ts';
import type { Clock } from '../ports/clock.ts';

const ISSUER = 'fillwire';
/** The one kind of JWT there is: anything else signed with the same key is no access token. */
const KIND = 'access';

const claimsSchema = z.object({
  typ: z.literal(KIND),
  sub: z.string(),
  sid: z.string(),
  did: z.string(),
  role: z.enum(['user', 'admin']),
  scope: z.string(),
  exp: z.number(),
});

/** Access tokens: short-lived JWTs, HS256. */
export class AccessTokens {
  readonly #key: Uint8Array;
  readonly #clock: Clock;

  constructor(jwtSecret: string, clock: Clock) {
    this.#key = new TextEncoder().encode(jwtSecret);
    this.#clock = clock;
  }

  /** JWTs count in whole seconds: the expiry of the grant is rounded down to one. */
  issue(grant: Grant): Promise<string> {
    return new SignJWT({
      typ: KIND,
      sid: grant.sessionId,
      did: grant.deviceId,
      role: grant.role,
      scope: grant.scopes.join(' '),
    })
      .setProtectedHeader({ alg: 'HS256', typ: 'at+jwt' })
      .setIssuer(ISSUER)
      .setSubject(grant.userId)
      .setIssuedAt(Math.floor(this.#clock.now() / 1_000))
      .setExpirationTime(Math.floor(grant.expiresAt / 1_000))
      .sign(this.#key);
  }

  /** Signature, kind and expiry only; whether the login still counts is the caller's question. */
  async verify(token: string): Promise<AccessVerdict> {
    try {
      const { payload } = await jwtVerify(token, this.#key, {
        algorithms: ['HS256'],
        issuer: ISSUER,
        typ: 'at+jwt',
        currentDate: new Date(this.#clock.now()),
      });
      const claims = claimsSchema.parse(payload);
      return {
        ok: true,
        grant: {
          userId: claims.sub,
          sessionId: claims.sid,
          deviceId: claims.did,
          role: claims.role,
          scopes: claims.scope.split(' '),
          expiresAt: claims.exp * 1_000,
        },
      };
    } catch (error) {
      return { ok: false, reason: error instanceof errors.JWTExpired ? 'expired' : 'invalid' };
    }
  }
}
