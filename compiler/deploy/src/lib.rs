//! What a deployment should be, what there is, and the plan that leads from one to the other.
