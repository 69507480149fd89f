import { createRootRoute, createRoute, createRouter, lazyRouteComponent } from '@tanstack/react-router';
import { Gate } from './parts/shell/gate.tsx';
import { Broken, NotFound } from './parts/shell/not-here.tsx';
import { Wait } from './parts/shell/wait.tsx';
import { filtersOf } from './parts/table/filters.ts';

/**
 * The addresses of the console. Each screen is a file of its own that is fetched when somebody goes there; what a list
 * shows stands in its address, as texts by the names that are given here. The first part of each path also stands in
 * `paths.ts`.
 */
const root = createRootRoute({ component: Gate, notFoundComponent: NotFound, errorComponent: Broken });

const home = createRoute({
  getParentRoute: () => root,
  path: '/',
  component: lazyRouteComponent(() => import('./routes/welcome/home.tsx'), 'Home'),
});
const overview = createRoute({
  getParentRoute: () => root,
  path: '/overview',
  component: lazyRouteComponent(() => import('./routes/overview/overview.tsx'), 'Overview'),
});
const signatures = createRoute({
  getParentRoute: () => root,
  path: '/signatures',
  validateSearch: filtersOf('business', 'cursor', 'new'),
  component: lazyRouteComponent(() => import('./routes/signatures/signatures.tsx'), 'Signatures'),
});
const templates = createRoute({
  getParentRoute: () => root,
  path: '/templates',
  validateSearch: filtersOf('business', 'cursor'),
  component: lazyRouteComponent(() => import('./routes/templates/templates.tsx'), 'Templates'),
});
const newTemplate = createRoute({
  getParentRoute: () => root,
  path: '/templates/new',
  component: lazyRouteComponent(() => import('./routes/templates/template-editor.tsx'), 'NewTemplate'),
});
const oneTemplate = createRoute({
  getParentRoute: () => root,
  path: '/templates/$id',
  component: lazyRouteComponent(() => import('./routes/templates/template-editor.tsx'), 'OneTemplate'),
});
const send = createRoute({
  getParentRoute: () => root,
  path: '/send',
  validateSearch: filtersOf('template', 'draft'),
  component: lazyRouteComponent(() => import('./routes/send/send.tsx'), 'Send'),
});
const plans = createRoute({
  getParentRoute: () => root,
  path: '/plans',
  validateSearch: filtersOf('state', 'business', 'cursor'),
  component: lazyRouteComponent(() => import('./routes/plans/plans.tsx'), 'Plans'),
});
const onePlan = createRoute({
  getParentRoute: () => root,
  path: '/plans/$id',
  validateSearch: filtersOf('cursor'),
  component: lazyRouteComponent(() => import('./routes/plans/one-plan.tsx'), 'OnePlan'),
});
const reviews = createRoute({
  getParentRoute: () => root,
  path: '/reviews',
  validateSearch: filtersOf('item'),
  component: lazyRouteComponent(() => import('./routes/reviews/reviews.tsx'), 'Reviews'),
});
const welcome = createRoute({
  getParentRoute: () => root,
  path: '/welcome',
  component: lazyRouteComponent(() => import('./routes/welcome/welcome.tsx'), 'Welcome'),
});
const account = createRoute({
  getParentRoute: () => root,
  path: '/account',
  component: lazyRouteComponent(() => import('./routes/account/account.tsx'), 'Account'),
});
const messages = createRoute({
  getParentRoute: () => root,
  path: '/messages',
  component: lazyRouteComponent(() => import('./routes/messages/messages.tsx'), 'Messages'),
});
const message = createRoute({
  getParentRoute: () => root,
  path: '/messages/$id',
  component: lazyRouteComponent(() => import('./routes/messages/message.tsx'), 'Message'),
});
const channels = createRoute({
  getParentRoute: () => root,
  path: '/channels',
  component: lazyRouteComponent(() => import('./routes/channels/channels.tsx'), 'Channels'),
});
const newChannel = createRoute({
  getParentRoute: () => root,
  path: '/channels/new',
  component: lazyRouteComponent(() => import('./routes/channels/channel-form.tsx'), 'NewChannel'),
});
const channel = createRoute({
  getParentRoute: () => root,
  path: '/channels/$id',
  component: lazyRouteComponent(() => import('./routes/channels/channel.tsx'), 'Channel'),
});
const editChannel = createRoute({
  getParentRoute: () => root,
  path: '/channels/$id/edit',
  component: lazyRouteComponent(() => import('./routes/channels/channel-form.tsx'), 'EditChannel'),
});
const routing = createRoute({
  getParentRoute: () => root,
  path: '/routes',
  component: lazyRouteComponent(() => import('./routes/routing/routes.tsx'), 'Routes'),
});
const newRoute = createRoute({
  getParentRoute: () => root,
  path: '/routes/new',
  component: lazyRouteComponent(() => import('./routes/routing/route-form.tsx'), 'NewRoute'),
});
const route = createRoute({
  getParentRoute: () => root,
  path: '/routes/$id',
  component: lazyRouteComponent(() => import('./routes/routing/route-form.tsx'), 'EditRoute'),
});
const ledger = createRoute({
  getParentRoute: () => root,
  path: '/ledger',
  component: lazyRouteComponent(() => import('./routes/ledger/ledger.tsx'), 'Ledger'),
});
const figures = createRoute({
  getParentRoute: () => root,
  path: '/figures',
  component: lazyRouteComponent(() => import('./routes/figures/figures.tsx'), 'Figures'),
});
const prices = createRoute({
  getParentRoute: () => root,
  path: '/prices',
  component: lazyRouteComponent(() => import('./routes/prices/prices.tsx'), 'Prices'),
});
const businesses = createRoute({
  getParentRoute: () => root,
  path: '/businesses',
  validateSearch: filtersOf('cursor', 'new'),
  component: lazyRouteComponent(() => import('./routes/businesses/businesses.tsx'), 'Businesses'),
});
const business = createRoute({
  getParentRoute: () => root,
  path: '/businesses/$id',
  component: lazyRouteComponent(() => import('./routes/businesses/business.tsx'), 'BusinessPage'),
});
const settings = createRoute({
  getParentRoute: () => root,
  path: '/settings',
  component: lazyRouteComponent(() => import('./routes/settings/settings.tsx'), 'Settings'),
});
const keys = createRoute({
  getParentRoute: () => root,
  path: '/keys',
  component: lazyRouteComponent(() => import('./routes/keys/keys.tsx'), 'Keys'),
});
const members = createRoute({
  getParentRoute: () => root,
  path: '/members',
  component: lazyRouteComponent(() => import('./routes/members/members.tsx'), 'Members'),
});
const inbound = createRoute({
  getParentRoute: () => root,
  path: '/inbound',
  component: lazyRouteComponent(() => import('./routes/inbound/inbound.tsx'), 'InboundPage'),
});
const lists = createRoute({
  getParentRoute: () => root,
  path: '/lists',
  component: lazyRouteComponent(() => import('./routes/inbound/lists.tsx'), 'Lists'),
});
const reference = createRoute({
  getParentRoute: () => root,
  path: '/reference',
  component: lazyRouteComponent(() => import('./routes/reference/reference.tsx'), 'Reference'),
});
const audit = createRoute({
  getParentRoute: () => root,
  path: '/audit',
  component: lazyRouteComponent(() => import('./routes/audit/audit.tsx'), 'Audit'),
});
const webhooks = createRoute({
  getParentRoute: () => root,
  path: '/webhooks',
  component: lazyRouteComponent(() => import('./routes/webhooks/webhooks.tsx'), 'Webhooks'),
});
const webhook = createRoute({
  getParentRoute: () => root,
  path: '/webhooks/$id',
  component: lazyRouteComponent(() => import('./routes/webhooks/webhook.tsx'), 'WebhookPage'),
});
const tasks = createRoute({
  getParentRoute: () => root,
  path: '/tasks',
  component: lazyRouteComponent(() => import('./routes/tasks/tasks.tsx'), 'Tasks'),
});
const oneTask = createRoute({
  getParentRoute: () => root,
  path: '/tasks/$id',
  component: lazyRouteComponent(() => import('./routes/tasks/task.tsx'), 'TaskPage'),
});
const queues = createRoute({
  getParentRoute: () => root,
  path: '/queues',
  component: lazyRouteComponent(() => import('./routes/tasks/queues.tsx'), 'Queues'),
});
const workers = createRoute({
  getParentRoute: () => root,
  path: '/workers',
  component: lazyRouteComponent(() => import('./routes/tasks/workers.tsx'), 'Workers'),
});

export const router = createRouter({
  routeTree: root.addChildren([
    home,
    overview,
    account,
    messages,
    message,
    channels,
    newChannel,
    channel,
    editChannel,
    routing,
    newRoute,
    route,
    ledger,
    figures,
    prices,
    businesses,
    business,
    settings,
    keys,
    members,
    inbound,
    lists,
    reference,
    welcome,
    send,
    plans,
    onePlan,
    signatures,
    templates,
    newTemplate,
    oneTemplate,
    reviews,
    audit,
    tasks,
    oneTask,
    queues,
    workers,
    webhooks,
    webhook,
  ]),
  defaultPendingComponent: Wait,
  defaultPreload: 'intent',
  scrollRestoration: true,
  // Addresses are read and typed by people: `?state=paused`, without quotes.
  parseSearch: (text) => Object.fromEntries(new URLSearchParams(text)),
  stringifySearch: (search) => {
    const text = new URLSearchParams(
      Object.entries(search).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
    ).toString();
    return text === '' ? '' : `?${text}`;
  },
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
