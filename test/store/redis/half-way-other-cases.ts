/** Half-way: everything that is not on the hot path. */
import assert from 'node:assert/strict';
import { slotRunId } from '../../../server/store/ids.ts';
import {
  askedRun,
  catchUp,
  finishRequest,
  fireSlot,
  newTask,
  segment,
  skip,
  taskChange,
} from '../contract/build.ts';
import { type Case, claimAll, fire, fired, ids, read } from './half-way-scene.ts';

export const OTHER_CASES: Case[] = [
  {
    name: 'cancels a run behind which another is held',
    script: 'cancel-run',
    async prepare(scene) {
      await fire(scene, [fireSlot(scene.slot(0)), fireSlot(scene.slot(1))]);
      return {
        step: () => scene.lab.store.cancelRun(slotRunId(scene.task.id, scene.slot(0))),
        runs: ids(scene, 0, 1),
        check: async () => assert.deepEqual([(await read(scene)).live, (await read(scene)).held], [1, 0]),
      };
    },
  },
  {
    name: 'asks for runs of both kinds',
    script: 'ask-runs',
    async prepare(scene) {
      const asked = [
        askedRun(scene.task.id),
        askedRun(scene.task.id, 'backfill', scene.slot(0)),
        askedRun(scene.task.id, 'backfill', scene.slot(1)),
      ];
      return {
        step: () => scene.lab.store.askRuns(scene.task.id, asked, 10),
        runs: asked.map(({ id }) => id),
      };
    },
  },
  {
    name: 'changes a task: skips, a new segment, held runs cancelled',
    script: 'change-task',
    async prepare(scene) {
      await fire(scene, [
        catchUp(scene.slot(0)),
        catchUp(scene.slot(1)),
        fireSlot(scene.slot(2)),
        fireSlot(scene.slot(3)),
      ]);
      const before = await read(scene);
      const change = taskChange(before, {
        cursorAt: before.cursorAt,
        skips: [skip(scene.slot(4), 'schedule_changed', 2)],
        nextCursorAt: scene.slot(5),
        closeAt: scene.slot(5) + 1,
        open: segment(scene.slot(5) + 1),
        nextAt: scene.slot(6),
        cancelHeld: true,
      });
      return {
        async step() {
          const answer = await scene.lab.store.changeTask(change);
          assert.ok(answer.code === 'changed' || answer.code === 'version_conflict');
        },
        runs: ids(scene, 0, 1, 2, 3),
        verdicts: [
          `${scene.slot(0)} caught_up`,
          `${scene.slot(1)} caught_up`,
          ...fired(scene, 2, 3),
          `${scene.slot(4)} skipped schedule_changed 2`,
        ],
        check: async () => {
          const segments = await scene.lab.store.listSegments(scene.task.id);
          assert.deepEqual(
            [...new Set(segments.map(({ fromAt }) => fromAt))],
            [scene.slot(0), scene.slot(5) + 1],
          );
          assert.equal(segments.length, 2, 'no segment twice');
        },
      };
    },
  },
  {
    name: 'creates a task',
    script: 'create-tasks',
    async prepare(scene) {
      const task = newTask(scene.owner, scene.slot(0));
      return {
        step: () => scene.lab.store.createTasks(scene.owner, [task], 10),
        async check() {
          assert.equal((await scene.lab.store.listTasks(scene.owner)).length, 2);
          const due = await scene.lab.store.loadDue(scene.partition, Number.MAX_SAFE_INTEGER, 10);
          assert.ok(due.some(({ id }) => id === task.id));
        },
      };
    },
  },
  {
    name: 'deletes a task with a running run',
    script: 'delete-task',
    async prepare(scene) {
      await fire(scene, [
        catchUp(scene.slot(0)),
        catchUp(scene.slot(1)),
        fireSlot(scene.slot(2)),
        fireSlot(scene.slot(3)),
      ]);
      await claimAll(scene);
      return {
        gone: true,
        step: () => scene.lab.store.deleteTask(scene.task.id),
        async check() {
          assert.equal(await scene.lab.store.getTask(scene.task.id), null);
          assert.deepEqual(await scene.lab.store.listTasks(scene.owner), []);
          assert.deepEqual(await scene.lab.store.scanTasks(scene.partition, null, 10), []);
          const kept = await Promise.all(ids(scene, 0, 1, 2, 3).map((id) => scene.lab.store.getRun(id)));
          assert.ok(kept.every((run) => run === null));
        },
      };
    },
  },
  {
    name: 'prunes a task',
    script: 'prune-task',
    async prepare(scene) {
      for (const k of [0, 1, 2]) await fire(scene, [fireSlot(scene.slot(k))], 'allow_all');
      const [first] = await claimAll(scene);
      assert.ok(first !== undefined);
      await scene.lab.store.finishRuns(scene.partition, [finishRequest(first)]);
      const prune = {
        foldAt: scene.slot(1),
        keepDay: '20990101',
        segmentsBeforeAt: scene.slot(1),
        runsBeforeAt: Number.MAX_SAFE_INTEGER,
      };
      return {
        step: () => scene.lab.store.pruneTask(scene.task.id, prune),
        verdicts: fired(scene, 1, 2),
        runs: ids(scene, 1, 2),
        check: async () => assert.equal(await scene.lab.store.getRun(first.runId), null),
      };
    },
  },
  {
    name: 'writes, then deletes a document',
    script: 'put-document',
    async prepare({ lab, owner }) {
      return {
        step: () =>
          lab.store.putDocument(
            owner,
            'kind',
            'id',
            { n: 1 },
            { ifVersion: 0, expiresAt: 4_102_444_800_000 },
          ),
        async check() {
          assert.deepEqual((await lab.store.getDocument(owner, 'kind', 'id'))?.value, { n: 1 });
          assert.equal((await lab.store.listDocuments(owner, 'kind', { limit: 10 })).length, 1);
        },
      };
    },
  },
  {
    name: 'deletes a document',
    script: 'delete-document',
    async prepare({ lab, owner }) {
      await lab.store.putDocument(owner, 'kind', 'id', 1, { ifVersion: 0 });
      return {
        step: () => lab.store.deleteDocument(owner, 'kind', 'id'),
        async check() {
          assert.equal(await lab.store.getDocument(owner, 'kind', 'id'), null);
          assert.equal((await lab.store.listDocuments(owner, 'kind', { limit: 10 })).length, 0);
        },
      };
    },
  },
];
