import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { ApiProblem } from './api/problem.ts';
import './app.css';
import { LookProvider } from './parts/look/look.tsx';
import { router } from './router.tsx';
import { SpeakingProvider } from './words/index.tsx';

const MOST_TRIES = 2;

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 5_000,
      // A no stays a no; only what never arrived is asked again.
      retry: (tries, error) =>
        tries < MOST_TRIES && error instanceof ApiProblem && (error.status === 0 || error.status === 503),
    },
  },
});

createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <QueryClientProvider client={queries}>
      <SpeakingProvider>
        <LookProvider>
          <RouterProvider router={router} />
        </LookProvider>
      </SpeakingProvider>
    </QueryClientProvider>
  </StrictMode>,
);
