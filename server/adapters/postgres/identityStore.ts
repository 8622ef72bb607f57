import { and, asc, desc, eq, exists, gte, inArray, isNull, lt, not, or, type SQL, sql } from 'drizzle-orm';
import { type PgColumn, unionAll } from 'drizzle-orm/pg-core';
import type { PostgresJsDatabase } from 'drizzle-orm/postgres-js';
import type { Revocation } from '../../ports/eventBus.ts';
import type { DeviceRow, IdentityStore, SessionRow, UserRow } from '../../ports/identityStore.ts';
import { appUser, device, session } from './schema/identity.ts';

/** Users, devices and sessions in PostgreSQL. */
export class PostgresIdentityStore implements IdentityStore {
  readonly #db: PostgresJsDatabase;

  constructor(db: PostgresJsDatabase) {
    this.#db = db;
  }

  async createUser(user: Omit<UserRow, 'role' | 'status'>): Promise<UserRow | undefined> {
    const email = user.email.toLowerCase();
    const [row] = await this.#db.execute<{ role: UserRow['role'] | null }>(
      sql`select create_user(${user.userId}, ${email}, ${user.passwordHash}, ${user.createdAt}) as role`,
    );
    const role = row?.role ?? null;
    return role === null ? undefined : { ...user, email, role, status: 'active' };
  }

  async hasUsers(): Promise<boolean> {
    const rows = await this.#db.select({ userId: appUser.userId }).from(appUser).limit(1);
    return rows.length > 0;
  }

  async userByEmail(email: string): Promise<UserRow | undefined> {
    const [row] = await this.#db.select().from(appUser).where(eq(appUser.email, email.toLowerCase()));
    return row;
  }

  async userById(userId: string): Promise<UserRow | undefined> {
    const [row] = await this.#db.select().from(appUser).where(eq(appUser.userId, userId));
    return row;
  }

  async upsertDevice(input: Omit<DeviceRow, 'revokedAt'>): Promise<DeviceRow> {
    const [row] = await this.#db
      .insert(device)
      .values({ ...input, revokedAt: null })
      .onConflictDoUpdate({
        target: [device.userId, device.deviceId],
        set: {
          name: input.name,
          kind: input.kind,
          lastSeenAt: sql`greatest(${device.lastSeenAt}, excluded.last_seen_at)`,
        },
      })
      .returning();
    if (row === undefined) throw new Error('the device was neither inserted nor updated');
    return row;
  }

  async device(userId: string, deviceId: string): Promise<DeviceRow | undefined> {
    const [row] = await this.#db.select().from(device).where(ownDevice(userId, deviceId));
    return row;
  }

  devices(userId: string, atMost: number): Promise<DeviceRow[]> {
    const isLive = exists(this.#sessionOf(isNull(session.revokedAt)));
    return this.#db
      .select()
      .from(device)
      .where(and(eq(device.userId, userId), isNull(device.revokedAt)))
      .orderBy(desc(isLive), desc(device.lastSeenAt), asc(device.deviceId))
      .limit(atMost);
  }

  async forgetDevices(userId: string, keep: number): Promise<void> {
    const unused = this.#db
      .select({ deviceId: device.deviceId })
      .from(device)
      .where(and(eq(device.userId, userId), isNull(device.revokedAt), not(exists(this.#sessionOf()))))
      .orderBy(desc(device.lastSeenAt), asc(device.deviceId))
      .offset(keep);
    await this.#db.delete(device).where(and(eq(device.userId, userId), inArray(device.deviceId, unused)));
  }

  /** Logins of the device of the row around this. */
  #sessionOf(condition?: SQL) {
    return this.#db
      .select({ one: sql`1` })
      .from(session)
      .where(and(eq(session.userId, device.userId), eq(session.deviceId, device.deviceId), condition));
  }

  async revokeDevice(userId: string, deviceId: string, at: number): Promise<boolean> {
    // One statement: a device is never revoked while its sessions live on.
    const revoked = this.#db.$with('revoked').as(
      this.#db
        .update(device)
        .set({ revokedAt: at })
        .where(and(ownDevice(userId, deviceId), isNull(device.revokedAt)))
        .returning({ deviceId: device.deviceId }),
    );
    const sessions = this.#db.$with('sessions').as(
      this.#db
        .update(session)
        .set({ revokedAt: at })
        .where(and(eq(session.userId, userId), eq(session.deviceId, deviceId), isNull(session.revokedAt)))
        .returning({ sessionId: session.sessionId }),
    );
    const rows = await this.#db.with(revoked, sessions).select().from(revoked);
    return rows.length === 1;
  }

  async createSession(row: SessionRow): Promise<void> {
    await this.#db.insert(session).values(row);
  }

  async session(sessionId: string): Promise<SessionRow | undefined> {
    const [row] = await this.#db.select().from(session).where(eq(session.sessionId, sessionId));
    return row;
  }

  async rotateSession(
    sessionId: string,
    fromHash: string,
    toHash: string,
    at: number,
    expiresAt: number,
  ): Promise<boolean> {
    const rows = await this.#db
      .update(session)
      .set({ tokenHash: toHash, previousHash: fromHash, rotatedAt: at, expiresAt })
      .where(
        and(eq(session.sessionId, sessionId), eq(session.tokenHash, fromHash), isNull(session.revokedAt)),
      )
      .returning({ sessionId: session.sessionId });
    return rows.length === 1;
  }

  async revokeSession(sessionId: string, at: number): Promise<void> {
    await this.#db
      .update(session)
      .set({ revokedAt: at })
      .where(and(eq(session.sessionId, sessionId), isNull(session.revokedAt)));
  }

  async revokedSince(at: number): Promise<Revocation[]> {
    const sessions = this.#db
      .select({
        userId: session.userId,
        deviceId: sql<string | null>`null::text`,
        sessionId: ended(session.sessionId),
      })
      .from(session)
      .where(gte(session.revokedAt, at));
    const devices = this.#db
      .select({
        userId: device.userId,
        deviceId: ended(device.deviceId),
        sessionId: sql<string | null>`null::text`,
      })
      .from(device)
      .where(gte(device.revokedAt, at));
    return unionAll(sessions, devices);
  }

  async endOldest(userId: string, keep: number, at: number): Promise<Revocation[]> {
    const live = this.#db
      .select({ sessionId: session.sessionId })
      .from(session)
      .where(and(eq(session.userId, userId), isNull(session.revokedAt)))
      .orderBy(desc(session.createdAt), asc(session.sessionId))
      .offset(keep);
    const rows = await this.#db
      .update(session)
      .set({ revokedAt: at })
      .where(and(inArray(session.sessionId, live), isNull(session.revokedAt)))
      .returning({ sessionId: session.sessionId });
    return rows.map(({ sessionId }) => ({ userId, deviceId: null, sessionId }));
  }

  async prune(endedBefore: number, unseenBefore: number): Promise<{ sessions: number; devices: number }> {
    const sessions = await this.#db
      .delete(session)
      .where(or(lt(session.revokedAt, endedBefore), lt(session.expiresAt, endedBefore)))
      .returning({ sessionId: session.sessionId });
    const devices = await this.#db
      .delete(device)
      .where(
        and(
          or(lt(device.revokedAt, endedBefore), lt(device.lastSeenAt, unseenBefore)),
          not(exists(this.#sessionOf())),
        ),
      )
      .returning({ deviceId: device.deviceId });
    return { sessions: sessions.length, devices: devices.length };
  }
}

/** The column of what was revoked, in a union with rows that have null there. */
function ended(column: PgColumn) {
  return sql<string | null>`${column}`;
}

function ownDevice(userId: string, deviceId: string) {
  return and(eq(device.userId, userId), eq(device.deviceId, deviceId));
}
