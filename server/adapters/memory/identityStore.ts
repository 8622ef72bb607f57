import type { Revocation } from '../../ports/eventBus.ts';
import type { DeviceRow, IdentityStore, SessionRow, UserRow } from '../../ports/identityStore.ts';

/** Users, devices and sessions in memory; what it hands out are copies. */
export class MemoryIdentityStore implements IdentityStore {
  readonly #users = new Map<string, UserRow>();
  /** By user, then device. */
  readonly #devices = new Map<string, Map<string, DeviceRow>>();
  readonly #sessions = new Map<string, SessionRow>();

  async createUser(user: Omit<UserRow, 'role' | 'status'>): Promise<UserRow | undefined> {
    const email = user.email.toLowerCase();
    if ((await this.userByEmail(email)) !== undefined) return undefined;
    const row: UserRow = {
      ...user,
      email,
      role: this.#users.size === 0 ? 'admin' : 'user',
      status: 'active',
    };
    this.#users.set(user.userId, row);
    return { ...row };
  }

  async hasUsers(): Promise<boolean> {
    return this.#users.size > 0;
  }

  async userByEmail(email: string): Promise<UserRow | undefined> {
    const wanted = email.toLowerCase();
    return copy([...this.#users.values()].find((user) => user.email === wanted));
  }

  async userById(userId: string): Promise<UserRow | undefined> {
    return copy(this.#users.get(userId));
  }

  async upsertDevice(device: Omit<DeviceRow, 'revokedAt'>): Promise<DeviceRow> {
    const own = this.#devices.get(device.userId) ?? new Map<string, DeviceRow>();
    this.#devices.set(device.userId, own);
    const present = own.get(device.deviceId);
    const row: DeviceRow = {
      ...device,
      createdAt: present?.createdAt ?? device.createdAt,
      lastSeenAt: Math.max(present?.lastSeenAt ?? 0, device.lastSeenAt),
      revokedAt: present?.revokedAt ?? null,
    };
    own.set(device.deviceId, row);
    return { ...row };
  }

  async device(userId: string, deviceId: string): Promise<DeviceRow | undefined> {
    return copy(this.#devices.get(userId)?.get(deviceId));
  }

  async devices(userId: string, atMost: number): Promise<DeviceRow[]> {
    const live = [...this.#sessions.values()].filter(
      (session) => session.userId === userId && session.revokedAt === null,
    );
    const isLive = ({ deviceId }: DeviceRow): number =>
      live.some((session) => session.deviceId === deviceId) ? 1 : 0;
    return this.#unrevoked(userId)
      .sort((a, b) => isLive(b) - isLive(a) || bySeen(a, b))
      .slice(0, atMost)
      .map((device) => ({ ...device }));
  }

  async forgetDevices(userId: string, keep: number): Promise<void> {
    const own = [...this.#sessions.values()].filter((session) => session.userId === userId);
    const used = new Set(own.map(({ deviceId }) => deviceId));
    const unused = this.#unrevoked(userId).filter(({ deviceId }) => !used.has(deviceId));
    for (const { deviceId } of unused.sort(bySeen).slice(keep)) this.#devices.get(userId)?.delete(deviceId);
  }

  #unrevoked(userId: string): DeviceRow[] {
    const own = this.#devices.get(userId)?.values() ?? [];
    return [...own].filter(({ revokedAt }) => revokedAt === null);
  }

  async revokeDevice(userId: string, deviceId: string, at: number): Promise<boolean> {
    for (const session of this.#sessions.values()) {
      if (session.userId === userId && session.deviceId === deviceId) session.revokedAt ??= at;
    }
    const device = this.#devices.get(userId)?.get(deviceId);
    if (device === undefined || device.revokedAt !== null) return false;
    device.revokedAt = at;
    return true;
  }

  async createSession(session: SessionRow): Promise<void> {
    this.#sessions.set(session.sessionId, { ...session });
  }

  async session(sessionId: string): Promise<SessionRow | undefined> {
    return copy(this.#sessions.get(sessionId));
  }

  async rotateSession(
    sessionId: string,
    fromHash: string,
    toHash: string,
    at: number,
    expiresAt: number,
  ): Promise<boolean> {
    const session = this.#sessions.get(sessionId);
    if (session === undefined || session.tokenHash !== fromHash || session.revokedAt !== null) return false;
    Object.assign(session, { tokenHash: toHash, previousHash: fromHash, rotatedAt: at, expiresAt });
    return true;
  }

  async revokeSession(sessionId: string, at: number): Promise<void> {
    const session = this.#sessions.get(sessionId);
    if (session !== undefined) session.revokedAt ??= at;
  }

  async revokedSince(at: number): Promise<Revocation[]> {
    const isNew = ({ revokedAt }: { revokedAt: number | null }) => revokedAt !== null && revokedAt >= at;
    const devices = [...this.#devices.values()].flatMap((own) => [...own.values()]);
    return [
      ...[...this.#sessions.values()].filter(isNew).map(revocationOf),
      ...devices.filter(isNew).map(({ userId, deviceId }) => ({ userId, deviceId, sessionId: null })),
    ];
  }

  async endOldest(userId: string, keep: number, at: number): Promise<Revocation[]> {
    const live = [...this.#sessions.values()]
      .filter((session) => session.userId === userId && session.revokedAt === null)
      .sort((a, b) => b.createdAt - a.createdAt || (a.sessionId < b.sessionId ? -1 : 1));
    const ended = live.slice(keep);
    for (const session of ended) session.revokedAt = at;
    return ended.map(revocationOf);
  }

  async prune(endedBefore: number, unseenBefore: number): Promise<{ sessions: number; devices: number }> {
    const gone = { sessions: 0, devices: 0 };
    for (const [sessionId, { revokedAt, expiresAt }] of this.#sessions) {
      if ((revokedAt ?? expiresAt) >= endedBefore && expiresAt >= endedBefore) continue;
      this.#sessions.delete(sessionId);
      gone.sessions += 1;
    }
    const used = new Set([...this.#sessions.values()].map(({ userId, deviceId }) => `${userId} ${deviceId}`));
    for (const own of this.#devices.values()) {
      for (const { userId, deviceId, revokedAt, lastSeenAt } of own.values()) {
        const isOld = lastSeenAt < unseenBefore || (revokedAt !== null && revokedAt < endedBefore);
        if (!isOld || used.has(`${userId} ${deviceId}`)) continue;
        own.delete(deviceId);
        gone.devices += 1;
      }
    }
    return gone;
  }
}

/** Who was seen last comes first. */
function bySeen(a: DeviceRow, b: DeviceRow): number {
  return b.lastSeenAt - a.lastSeenAt || (a.deviceId < b.deviceId ? -1 : 1);
}

function revocationOf({ userId, sessionId }: SessionRow): Revocation {
  return { userId, deviceId: null, sessionId };
}

function copy<T extends object>(row: T | undefined): T | undefined {
  return row === undefined ? undefined : { ...row };
}
