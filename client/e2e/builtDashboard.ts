import { askAt } from '../../server/testing/runBroker.ts';

/** The folder of the dashboard as it is now, built once for all test files of a run; theirs to read only. */
export function builtDashboard(): Promise<string> {
  const path = process.env.TEST_DASHBOARD_BROKER;
  if (path === undefined) throw new Error('run by vitest with client/e2e/globalSetup.ts');
  return askAt(path);
}
