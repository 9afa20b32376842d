"""From pictures to the hints that ControlNets were trained on: edges, lines, normals, people, poses."""
