/**
 * The server's settings, given on its command line so that a new version of ours needs no edited file. Durability is
 * PostgreSQL's default: fsync and synchronous commit are on.
 */
const SETTINGS: Record<string, string> = {
  max_connections: '60',
  // Small: the engine keeps its state itself, the log is mostly written.
  shared_buffers: '64MB',
  work_mem: '8MB',
  maintenance_work_mem: '32MB',
  // One machine: no replicas to feed, so the log needs only what a crash needs.
  wal_level: 'minimal',
  max_wal_senders: '0',
  max_logical_replication_workers: '0',
  max_wal_size: '1GB',
  checkpoint_timeout: '15min',
  max_parallel_workers_per_gather: '0',
  io_method: 'sync',
  jit: 'off',
  huge_pages: 'off',
  // Backstop for clients that set none; below any lease's time to live.
  idle_in_transaction_session_timeout: '5s',
  // A client that died is noticed while its statement runs.
  client_connection_check_interval: '1s',
  timezone: 'UTC',
  log_timezone: 'UTC',
  // Errors of statements are logged by who sent them; this keeps the file small.
  log_min_messages: 'log',
  log_checkpoints: 'off',
  unix_socket_permissions: '0700',
};

export type Endpoint = { socket: string } | { port: number };

/** Arguments of the program `postgres`. */
export function serverArguments(dataDirectory: string, endpoint: Endpoint, socketPort: number): string[] {
  const listen: Record<string, string> =
    'socket' in endpoint
      ? { listen_addresses: '', port: String(socketPort), unix_socket_directories: `"${endpoint.socket}"` }
      : { listen_addresses: '127.0.0.1', port: String(endpoint.port), unix_socket_directories: '' };
  const settings = Object.entries({ ...SETTINGS, ...listen }).flatMap(([name, value]) => [
    '-c',
    `${name}=${value}`,
  ]);
  return ['-D', dataDirectory, ...settings];
}

/** What clients connect with. */
export function endpointUrl(endpoint: Endpoint, user: string, password: string, database: string): string {
  const host = 'socket' in endpoint ? encodeURIComponent(endpoint.socket) : `127.0.0.1:${endpoint.port}`;
  return `postgres://${user}:${encodeURIComponent(password)}@${host}/${database}`;
}
