import {
  ApiOutlined,
  AuditOutlined,
  BarChartOutlined,
  BookOutlined,
  BranchesOutlined,
  CalculatorOutlined,
  CarryOutOutlined,
  ClusterOutlined,
  DashboardOutlined,
  FileTextOutlined,
  InboxOutlined,
  KeyOutlined,
  MessageOutlined,
  NotificationOutlined,
  RocketOutlined,
  SafetyCertificateOutlined,
  SendOutlined,
  SettingOutlined,
  ShopOutlined,
  StopOutlined,
  TagOutlined,
  TeamOutlined,
  WalletOutlined,
} from '@ant-design/icons';
import type { LinkProps } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { Member, Permission } from '../../api/session.ts';
import type { Words } from '../../words/index.tsx';

/** A page in the navigation. */
export interface Entry {
  page: keyof Words['navigation']['pages'];
  to: NonNullable<LinkProps['to']>;
  icon: ReactNode;
  /** Who may see it; null: whoever is signed in. */
  permission: Permission | null;
  /** Only for one of the two faces. */
  face?: 'staff' | 'business';
}

export interface Group {
  group: keyof Words['navigation']['groups'] | null;
  entries: Entry[];
}

/** Everything the navigation can show, in its order. */
export const NAVIGATION: readonly Group[] = [
  {
    group: null,
    entries: [
      { page: 'overview', to: '/overview', icon: <DashboardOutlined />, permission: null },
      { page: 'welcome', to: '/welcome', icon: <RocketOutlined />, permission: 'messages:send', face: 'business' },
      { page: 'welcome', to: '/welcome', icon: <RocketOutlined />, permission: 'businesses:manage', face: 'staff' },
    ],
  },
  {
    group: 'work',
    entries: [
      { page: 'send', to: '/send', icon: <SendOutlined />, permission: 'messages:send', face: 'business' },
      { page: 'plans', to: '/plans', icon: <CarryOutOutlined />, permission: 'messages:read' },
    ],
  },
  {
    group: 'content',
    entries: [
      {
        page: 'reviews',
        to: '/reviews',
        icon: <SafetyCertificateOutlined />,
        permission: 'reviews:decide',
        face: 'staff',
      },
      { page: 'signatures', to: '/signatures', icon: <TagOutlined />, permission: 'signatures:read' },
      { page: 'templates', to: '/templates', icon: <FileTextOutlined />, permission: 'templates:read' },
    ],
  },
  {
    group: 'traffic',
    entries: [
      { page: 'messages', to: '/messages', icon: <MessageOutlined />, permission: 'messages:read' },
      { page: 'inbound', to: '/inbound', icon: <InboxOutlined />, permission: 'inbound:read' },
      { page: 'lists', to: '/lists', icon: <StopOutlined />, permission: 'lists:read' },
    ],
  },
  {
    group: 'delivery',
    entries: [
      { page: 'channels', to: '/channels', icon: <ApiOutlined />, permission: 'channels:read', face: 'staff' },
      { page: 'routes', to: '/routes', icon: <BranchesOutlined />, permission: 'routes:read', face: 'staff' },
    ],
  },
  {
    group: 'money',
    entries: [
      { page: 'ledger', to: '/ledger', icon: <WalletOutlined />, permission: 'ledger:read' },
      { page: 'figures', to: '/figures', icon: <BarChartOutlined />, permission: 'figures:read' },
      { page: 'prices', to: '/prices', icon: <CalculatorOutlined />, permission: 'prices:read' },
    ],
  },
  {
    group: 'people',
    entries: [
      { page: 'businesses', to: '/businesses', icon: <ShopOutlined />, permission: 'businesses:read', face: 'staff' },
      { page: 'members', to: '/members', icon: <TeamOutlined />, permission: 'members:read' },
      { page: 'keys', to: '/keys', icon: <KeyOutlined />, permission: 'keys:read' },
      { page: 'webhooks', to: '/webhooks', icon: <NotificationOutlined />, permission: 'webhooks:read' },
    ],
  },
  {
    group: 'platform',
    entries: [
      { page: 'settings', to: '/settings', icon: <SettingOutlined />, permission: 'businesses:read', face: 'business' },
      { page: 'settings', to: '/settings', icon: <SettingOutlined />, permission: 'tasks:read', face: 'staff' },
      { page: 'tasks', to: '/tasks', icon: <ClusterOutlined />, permission: 'tasks:read', face: 'staff' },
      { page: 'audit', to: '/audit', icon: <AuditOutlined />, permission: 'audit:read' },
      { page: 'reference', to: '/reference', icon: <BookOutlined />, permission: null },
    ],
  },
];

/** The groups and pages this member may see. */
export function visibleTo(member: Member): Group[] {
  const face = member.business_id === null ? 'staff' : 'business';
  return NAVIGATION.map(({ group, entries }) => ({
    group,
    entries: entries.filter(
      (entry) =>
        (entry.permission === null || member.permissions.includes(entry.permission)) &&
        (entry.face === undefined || entry.face === face),
    ),
  })).filter(({ entries }) => entries.length > 0);
}
