/** Compile-time proof that the schemas and the shared types say the same; nothing of it runs. */
import type * as z from 'zod';
import type * as preview from '../../../server/http/schemas/preview.ts';
import type * as run from '../../../server/http/schemas/run.ts';
import type * as task from '../../../server/http/schemas/task.ts';
import type * as user from '../../../server/http/schemas/user.ts';
import type * as api from '../../../shared/api.ts';
import type { RecentSlot } from '../../../shared/run.ts';
import type { Task } from '../../../shared/task.ts';

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
type All<T extends true[]> = T;

export type SchemasMatchSharedTypes = All<
  [
    Same<z.infer<typeof task.taskCreate>, api.TaskCreate>,
    Same<z.infer<typeof task.taskPatch>, api.TaskPatch>,
    Same<z.infer<typeof task.task>, Task>,
    Same<z.infer<typeof task.taskPage>, api.TaskPage>,
    Same<z.infer<typeof task.batchAnswer>, api.BatchAnswer>,
    Same<z.infer<typeof task.backfillRequest>, api.BackfillRequest>,
    Same<z.infer<typeof task.backfillAnswer>, api.BackfillAnswer>,
    Same<z.infer<typeof run.run>, api.Run>,
    Same<z.infer<typeof run.runSummary>, api.RunSummary>,
    Same<z.infer<typeof run.logLine>, api.LogLine>,
    Same<z.infer<typeof run.slotItem>, api.SlotItem>,
    Same<z.infer<typeof run.recentSlot>, RecentSlot>,
    Same<z.infer<typeof run.audit>, api.Audit>,
    Same<z.infer<typeof run.stats>, api.StatsAnswer>,
    Same<z.infer<typeof preview.previewRequest>, api.PreviewRequest>,
    Same<z.infer<typeof preview.previewAnswer>, api.PreviewAnswer>,
    Same<z.infer<typeof preview.handlerPage>, api.Page<api.HandlerInfo>>,
    Same<z.infer<typeof user.loginRequest>, api.LoginRequest>,
    Same<z.infer<typeof user.refreshRequest>, api.RefreshRequest>,
    Same<z.infer<typeof user.loginResponse>, api.LoginResponse>,
    Same<z.infer<typeof user.user>, api.User>,
    Same<z.infer<typeof user.mePatch>, api.MePatch>,
  ]
>;
