/** The callbacks that most of WeChat's calls take. */
export interface Callbacks {
  success?(result: object): void;
  fail?(error: { errMsg: string }): void;
  complete?(result: object): void;
}

/**
 * A call in WeChat's two styles: with a callback it answers nothing and calls back, without any it answers a promise.
 * `act` answers the result's fields or throws; its error's text becomes `errMsg`.
 */
export function wxCall<O extends object>(name: string, act: (options: O) => unknown) {
  return (options: O & Callbacks = {} as O & Callbacks): Promise<object> | undefined => {
    const { success, fail, complete } = options;
    // Never in the same turn: the phone answers later, and callers may rely on it.
    const done = Promise.resolve()
      .then(() => act(options))
      .then((fields) => ({ ...(fields as object | undefined), errMsg: `${name}:ok` }));
    if (!success && !fail && !complete) return done.catch((error) => Promise.reject(failure(name, error)));
    void done.then(
      (result) => {
        success?.call(options, result);
        complete?.call(options, result);
      },
      (error) => {
        const failed = failure(name, error);
        fail?.call(options, failed);
        complete?.call(options, failed);
      },
    );
    return undefined;
  };
}

function failure(name: string, error: unknown): { errMsg: string } {
  return { errMsg: `${name}:fail ${error instanceof Error ? error.message : String(error)}` };
}
