import { services } from './services';

App({
  /** Pages import `services` themselves; here it is for code that only has getApp(). */
  globalData: { services },
});
