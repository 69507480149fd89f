import {
  keepPreviousData,
  type UseMutationResult,
  type UseQueryResult,
  useMutation,
  useQuery,
  useQueryClient,
} from '@tanstack/react-query';
import { type Answer, call, type Extras, type Input, type Route } from './client.ts';
import type { ApiProblem } from './problem.ts';

type Looking = Extract<Route, `GET ${string}`>;
type Changing = Exclude<Route, Looking>;

export interface LookOptions {
  /** False: not asked yet. */
  enabled?: boolean;
  /** Asked again after so many milliseconds, as long as the page is looked at. */
  everyMs?: number | false;
  /** Numbers in full; the server notes who looked. */
  revealNumbers?: boolean;
}

export const keyOf = <R extends Looking>(route: R, input: Input<R>) => [route, input.path ?? {}, input.query ?? {}];

/** What a route answers now. The answer before stays while filters change, so that tables do not jump. */
export function useLook<R extends Looking>(
  route: R,
  input: Input<R>,
  { enabled = true, everyMs = false, revealNumbers = false }: LookOptions = {},
): UseQueryResult<Answer<R>, ApiProblem> {
  return useQuery<Answer<R>, ApiProblem>({
    queryKey: [...keyOf(route, input), revealNumbers],
    queryFn: ({ signal }) => call(route, input, { signal, revealNumbers }),
    enabled,
    refetchInterval: everyMs,
    placeholderData: keepPreviousData as never,
  });
}

/**
 * Changes something, then asks again what the named routes answer.
 * @param touched routes whose answers are old afterwards
 */
export function useChange<R extends Changing>(
  route: R,
  touched: readonly Looking[],
): UseMutationResult<Answer<R>, ApiProblem, Input<R> & { extras?: Extras }> {
  const refresh = useRefresh();
  return useMutation<Answer<R>, ApiProblem, Input<R> & { extras?: Extras }>({
    mutationFn: ({ extras, ...input }) => call(route, input as unknown as Input<R>, extras),
    onSuccess: () => refresh(touched),
  });
}

/** The same with a file as the body, where a route takes one. */
export function useUpload<R extends Changing>(
  route: R,
  touched: readonly Looking[],
): UseMutationResult<Answer<R>, ApiProblem, Omit<Input<R>, 'body'> & { file: Blob }> {
  const refresh = useRefresh();
  return useMutation<Answer<R>, ApiProblem, Omit<Input<R>, 'body'> & { file: Blob }>({
    mutationFn: ({ file, ...input }) => call(route, input as unknown as Input<R>, { file }),
    onSuccess: () => refresh(touched),
  });
}

/** Asks again what these routes answer, wherever that is shown. */
export function useRefresh(): (routes: readonly Looking[]) => Promise<void> {
  const queries = useQueryClient();
  return async (routes) => {
    await Promise.all(routes.map((route) => queries.invalidateQueries({ queryKey: [route] })));
  };
}
