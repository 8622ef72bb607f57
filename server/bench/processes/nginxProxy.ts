import { type NginxExchanges, startNginx } from '../../testing/nginxProcess.ts';
import { answerRequests } from '../childProcess.ts';

// nginx under a process of ours, because it would outlive the one that measures.
answerRequests<NginxExchanges>({
  start: async ({ folder, upstream }) => {
    const { port, child } = await startNginx(folder, upstream);
    process.on('exit', () => child.kill());
    return { port };
  },
});
