// node --import …/endWithParent.mjs PROGRAM     ends PROGRAM in order when the process that started it is gone
// For what benches, tools and tests start: interrupted or killed by itself, their parent leaves nothing running.
const PARENT_CHECK_MS = 200;
/** Time to end in order, ms. */
const GRACE_MS = 20_000;

const parent = process.ppid;
const checking = setInterval(() => {
  if (process.ppid === parent) return;
  clearInterval(checking);
  process.kill(process.pid, 'SIGTERM');
  setTimeout(() => process.kill(process.pid, 'SIGKILL'), GRACE_MS).unref();
}, PARENT_CHECK_MS);
checking.unref();
