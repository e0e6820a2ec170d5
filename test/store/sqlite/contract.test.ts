/** The embedded store passes the suite that all stores pass. */

import type { RunLogNews, StoreListener, Wake } from '../../../server/store/requests.ts';
import { createSqliteStore } from '../../../server/store/sqlite/sqlite-store.ts';
import type { Store } from '../../../server/store/store.ts';
import { tempDir } from '../../helpers/temp-dir.ts';
import { storeContract } from '../contract/all.ts';

storeContract({
  name: 'embedded (SQLite)',
  leasesExpire: 'boot',
  async open() {
    const dir = tempDir();
    const wakes: Wake[] = [];
    const heard = { events: [] as number[], runLogs: [] as RunLogNews[] };
    const listener: StoreListener = {
      onWake: (wake) => wakes.push(wake),
      onRollback: () => undefined,
      onHealth: () => undefined,
      onEvents: (partition) => heard.events.push(partition),
      onRunLog: (news) => heard.runLogs.push(news),
    };
    let aheadMs = 0;
    let store: Store;
    const start = async () => {
      store = createSqliteStore({ dir, clock: () => Date.now() + aheadMs });
      await store.start(listener);
      return store;
    };
    return {
      store: await start(),
      wakes,
      async listenTo(partitions) {
        store.listen(partitions);
        return heard;
      },
      advance: (ms) => {
        aheadMs += ms;
      },
      reopen: async () => {
        await store.stop();
        return start();
      },
      close: () => store.stop(),
    };
  },
});
