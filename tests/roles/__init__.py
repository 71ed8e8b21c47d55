# Copyright (c) 2026 Gcore
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every variable of every role as null and as text, run by ansible-playbook against the simulator.

`GCORE_ROLES_PYTHON` is the Python whose ansible-playbook is used, else the one that runs the tests.
"""
