import { eventBusContract } from '../../ports/eventBus.contract.ts';
import { MemoryEventBus } from './eventBus.ts';

eventBusContract('in-process', async () => {
  const bus = new MemoryEventBus();
  return { publisher: () => bus, stream: () => bus.stream(), close: async () => undefined };
});
